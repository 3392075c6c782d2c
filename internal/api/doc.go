// Package api is the vocabulary of the sidecar's HTTP API below /api/v1, the types of requests and
// answers, and its [Client]. The other end of the protocol is the package routes below it. Every
// command that finds a running sidecar uses the client, and so do other programs.
//
// # Conventions
//
// Answers are JSON. A list is never null; a value that is unknown is left out, and
// a number that is there was measured. Times are RFC 3339; durations are numbers
// whose name ends in _seconds. Only probe records and profiles, which are stored
// types of internal/episode, have durations in nanoseconds. An error is {"error": "…"} with
// a status that tells whose fault it is, and its text ends in what to do.
//
// A long operation does not keep the caller waiting, except for a probe round: an
// alert is answered with a receipt, and [Client.Await] reads its episode until it
// has reached a state.
//
// Listings are newest first. Where there is more, "next" is the value of the
// parameter before that asks for it.
package api
