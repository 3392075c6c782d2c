// Package elasticsearchtest is an Elasticsearch for tests. It serves the probe's
// requests over HTTP.
package elasticsearchtest
