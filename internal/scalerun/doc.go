// Package scalerun is the vocabulary of scale tests: what a [Test] measured, iteration by iteration and
// sink by sink, and the [Run] of tests that are compared with one baseline. It does no I/O and imports
// no stage.
//
// What a comparison reads of a test is a [ComparedTest]; whether two tests may be compared,
// [Differences] says. The processes that send one test together tell each other a [Shard] and a
// [Group].
//
// As in package episode, a nil pointer is an unknown value, and fields are added, never renamed: the
// types are stored in users' history files and served by the HTTP API.
package scalerun
