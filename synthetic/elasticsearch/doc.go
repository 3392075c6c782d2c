// Package elasticsearch is a sink of the probe: an index in Elasticsearch or OpenSearch
// that the job writes.
//
// While a record is pending, the sink searches for its seed at every poll interval. It
// checks the mapping first, and again when a record is missing, because a seed in a
// field of the wrong type is never found. It removes its own documents if the
// configuration says so.
package elasticsearch
