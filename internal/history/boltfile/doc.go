// Package boltfile reads a bbolt file page by page and checks it before bbolt
// opens it.
//
// Why this exists: bbolt maps its file into memory and trusts every byte of it.
// After a truncation or a flipped bit it panics, also in goroutines that a caller
// can't recover, or it serves an older or wrong tree and reports no error. Its
// own check (Tx.Check) runs after the file is mapped, and panics on the same
// damage. So the history calls [Walk] first, with the file locked.
//
// [Walk] trusts nothing: each page must be where its header says it is, be of a
// known kind, be reached once, lie inside the file, and hold its keys in order
// and within the range of its parent. It passes every entry to the caller, who
// compares them with a digest of its own; bbolt has no checksum over data pages.
//
// The format is file format 2 of go.etcd.io/bbolt, in the byte order of the
// machine. The tests read files that the present bbolt has written, so a change
// of the format fails them.
package boltfile
