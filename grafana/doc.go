// Package grafana announces episodes in Grafana, as annotations on its graphs.
//
// One episode is one annotation: a region from the beginning of the trend or alert
// until the end of the episode. It exists exactly once,
// although Grafana's API has no idempotency key and the sidecar may be killed
// at any moment, also between the request that makes the annotation and the
// write that records it. [Notifier.Notify] works like this:
//
//	1  look for annotations with the tag fsc:<episode id>
//	2a none      → POST, then look again
//	2b one       → PATCH what differs, if anything does
//	2c several   → keep the oldest, DELETE the others, then as 2b
//
// Several can exist if the server finished the request of a killed process late. The
// search after the POST finds most of them, and any later call finds the rest. So a
// caller of Notify need not know whether the episode was announced before.
//
// What is not obvious about the API (seen on a real Grafana 12.2):
//
//   - Times are epoch milliseconds. Seconds are accepted and become a time in
//     1970; an end before the beginning is swapped silently. This package prevents both.
//   - A wrong token falls back to anonymous access where that is allowed, and is
//     then refused with 403 rather than 401. Both mean: check the token, check
//     the role (Editor).
//   - An unknown dashboard is answered with 500. So a 5xx may never pass,
//     and is repeated a few times only.
//   - Text is shown as HTML. Ours is data, and escaped.
//
// [grafanatest.Server] behaves like that, for tests and for stacks without a
// Grafana.
package grafana
