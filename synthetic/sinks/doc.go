// Package sinks lists the kinds of sinks: it is the section sinks of the
// configuration, and makes each sink of its kind. A new kind is a folder beside
// synthetic/kafka, a field in [Config] and a case in [Open].
package sinks
