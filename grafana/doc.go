// Package grafana announces episodes in Grafana, as annotations on its graphs, and whatever
// else should be seen there: changes of a job, outcomes of advice.
//
// One episode is one annotation: a region from the beginning of the trend or alert
// until the end of the episode. It exists exactly once,
// although Grafana's API has no idempotency key and the sidecar may be killed
// at any moment, also between the request that makes the annotation and the
// write that records it. [Notifier.Annotate] works like this:
//
//	1  look for annotations with the tag fsc:<id>
//	2a none      → POST, then look again
//	2b one       → PATCH what differs, if anything does
//	2c several   → keep the oldest, DELETE the others, then as 2b
//
// Several can exist if Grafana finished a request late that had no answer. The search after
// the POST finds most of them. [Notifier.Tidy] looks again, for ten minutes, where a request
// had no answer. So a caller need not know whether something was announced before.
//
// The new annotations of an hour are bounded (budget.go), and old ones are removed (tidy.go).
//
// What is not obvious about the API (seen on a real Grafana 12.2):
//
//   - Times are epoch milliseconds. Seconds are accepted and become a time in
//     1970; an end before the beginning is swapped silently. This package prevents both.
//   - A wrong token falls back to anonymous access where that is allowed, and is
//     then refused with 403 rather than 401. Both mean: check the token, check
//     the role (Editor).
//   - An unknown dashboard is answered with 500. So a 5xx may never pass,
//     and is repeated a few times only; after a 500 the dashboard is looked for.
//   - Text is shown as HTML, where a line feed is a blank. Ours is data, and escaped; lines end in <br>.
//
// [grafanatest.Server] behaves like that, for tests and for stacks without a
// Grafana.
package grafana
