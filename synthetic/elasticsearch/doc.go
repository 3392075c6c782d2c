// Package elasticsearch is an index that the job writes, as a sink of the probe, in
// Elasticsearch or OpenSearch.
//
// While a record is pending, the sink searches for its seed every poll interval. It
// checks the mapping first, and again when a record is missing, because a seed in a
// field of the wrong type is never found. It removes its own documents if the
// configuration says so.
package elasticsearch
