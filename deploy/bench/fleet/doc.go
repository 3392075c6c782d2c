// Package fleet counts what one cluster, the clusters of one sidecar, and a thousand clusters need:
// series, bytes and profiles. It counts from the figures of the other benchmarks and from recorded
// pages; docs/operations.md shows the result.
package fleet
