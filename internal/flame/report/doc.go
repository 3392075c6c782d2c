// Package report writes profiles and their differences as tables and as JSON for the
// commands sidecar profile convert and sidecar profile diff.
package report
