// Package flink is a client of Flink's REST API, a file per family of
// endpoints. It reads only: no request of it changes the state of a job, and
// the few that make Flink work (a metrics request makes the JobManager fetch)
// say so.
//
// # What the caller can rely on
//
// The server at flink.url is not trusted. A body is read up to a bound, every request
// ends by its timeout even if the answer trickles, identifiers are escaped before they
// become part of a path, and a Java stack trace is reduced to the one line that says what
// went wrong.
//
// An error is one of four kinds, which errors.Is and errors.As distinguish. Its
// text ends in what to do:
//
//   - [ErrUnreachable]: no complete answer came (refused, unknown host, TLS,
//     timeout, connection cut).
//   - [ErrNotFlink]: the server answers, but it is not a JobManager.
//   - [ErrBroken]: Flink's answer cannot be read (too large, not what this
//     endpoint gives).
//   - [*StatusError]: Flink, or a proxy before it, answered with an error.
//
// # Values that may be missing
//
// Flink's numbers may be the string "NaN", and a value may be absent because no
// process reported it. Neither is a zero: the maps [Values] and [Aggregates]
// hold only finite numbers, so a name that is not in the map is unknown.
//
// # What is not obvious about Flink's metrics
//
//   - Values are one fetch old. A metrics request starts a fetch from all
//     processes (at most every ten seconds) and is answered from the store as
//     it was before.
//   - The aggregated endpoints are all or nothing: one name that no process
//     reports makes the whole answer an empty list. See [Client.VertexAggregates].
//   - A path and query of more than about 4,000 bytes is answered 404, as if
//     the job were gone: lists of names are cut into chunks well below that.
package flink
