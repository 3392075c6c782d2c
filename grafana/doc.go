// Package grafana tells Grafana what happened, as annotations on its graphs.
//
// One episode is one annotation: a region from the moment something began to
// head the wrong way until the episode was over. It is there exactly once,
// although Grafana's API has no idempotency key and the sidecar may be killed
// at any moment, also between the request that makes the annotation and the
// write that remembers it. That is how [Notifier.Announce] works:
//
//	1  look for annotations with the tag fsc:<episode id>
//	2a none      → POST, then look again
//	2b one       → PATCH what differs, if anything does
//	2c several   → keep the oldest, DELETE the others, then as 2b
//
// Several can come from a request of a killed process that the server finished
// late; looking again after the POST finds most of them, and any later call
// finds the rest. So whoever calls Announce for an episode need not know whether
// it was announced before.
//
// What is not obvious about the API (seen on a real Grafana 12.2):
//
//   - Times are epoch milliseconds. Seconds are taken without complaint and end
//     up in 1970; an end before the beginning is swapped silently. Both are ruled
//     out here.
//   - A wrong token falls back to anonymous access where that is allowed, and is
//     then refused with 403 rather than 401. Both mean: check the token, check
//     the role (Editor).
//   - An unknown dashboard is answered with 500. So a 5xx may well be for ever,
//     and is tried a few times only.
//   - Text is shown as HTML. Ours is data, and escaped.
//
// [grafanatest.Server] behaves like that, for tests and for stacks without a
// Grafana.
package grafana
