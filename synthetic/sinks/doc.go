// Package sinks lists the kinds of sinks. It is the section sinks of the configuration
// and opens each sink. A new kind needs a directory beside synthetic/kafka, a field in
// [Config] and a case in [Open].
package sinks
