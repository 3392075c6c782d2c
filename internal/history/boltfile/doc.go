// Package boltfile reads a bbolt file page by page and checks it before bbolt
// opens it.
//
// Reason: bbolt maps its file into memory and does not check its content. After a
// truncation or a flipped bit it panics, also in goroutines whose panics a caller can't
// recover, or it serves an older or wrong tree without an error. Its own check
// (Tx.Check) runs after the file is mapped, and panics on the same damage. So the
// history calls [Walk] first, with the file locked.
//
// [Walk] checks everything: each page must have the right page id and a known kind, be
// reached once, lie inside the file, and hold its keys in order and within the range of
// its parent. It passes every entry to the caller, who compares them with a digest of
// its own, because bbolt has no checksum for data pages.
//
// The format is file format 2 of go.etcd.io/bbolt, in the byte order of the machine.
// The tests read files that the current bbolt has written, so they fail if the format
// changes.
package boltfile
