// Package server serves everything over HTTP: metrics, API, webhook, the page, health and
// stored profiles. It has the listener, TLS and passwords, the table of routes with who
// may use each, and limits on what one client can take.
package server
