// Package elasticsearchtest is an Elasticsearch for tests: it serves the requests
// that the probe makes, over HTTP.
package elasticsearchtest
