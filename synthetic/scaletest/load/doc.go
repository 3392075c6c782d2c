// Package load says what a scale test sends and when: the rendered records, the part of a shard, and
// the time at which each is due. It has no clock of its own and sends nothing.
package load
