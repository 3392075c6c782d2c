// Package api is the sidecar's HTTP API below /api/v1: its types, its handler and
// its client, side by side, so that both ends of the protocol change together.
//
// The [Handler] owns no data. It asks small interfaces that internal/app implements
// (sources.go): what is known now, the history, the probe, the loop and its switches. The
// [Client] is used by every command that finds a running sidecar, and by other programs.
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
//
// A request is data from outside: bodies are bounded, unknown parameters refused,
// and whatever changes something must be JSON and must not come from another
// site's page in a browser. That the Host is one of ours is for the server to see
// to, whose every route needs it.
//
// openapi.yaml describes all this for others and is served beside it. A test
// compares it with the routes, the types and real answers, in both directions.
package api
