// Package alerts evaluates trend rules over the collector's measurements and submits alerts to a
// [Sink]. Alerts of other systems come through package webhook.
//
// # Trends
//
//  1. The collector offers its samples as an [Observation] each, with
//     [Trends.Observe]. It does not offer unknown values.
//  2. Each [Rule] keeps a window of its signal's samples per set of labels. The
//     window is cut at the start of a run for signals of tasks, and at the start of
//     a process for signals of a JVM. The first minutes after a cut don't count,
//     because growth during a start is not a trend.
//  3. [Trends.Tick] takes the value that was measured last, fits a line through each
//     window and computes when the line passes the rule's limit. The result is an
//     interval. There is none if the slope is not significant.
//  4. A rule holds while the lower end of this interval is within its horizon, or the
//     last value is above the limit. It fires when it has held without a break for
//     a while, and ends when it has not held for a while. Tick returns each of the two
//     changes once.
//
// A checkpoint in progress counts: the time that it has run is a lower bound of its
// duration. It counts for the level until a later checkpoint completes, and never for the
// line.
//
// A heap rises and falls with every garbage collection, so its level alone means
// little. Its rule uses the lower edge of the saw-tooth only.
//
// Each trend is in one of the states of [snapshot.TrendState]. assess.go decides it in one
// place, from the numbers that are shown.
//
// An unknown trend (too few samples, none for a quarter of the window, no maximum for a
// limit that is a fraction of it) neither fires nor ends an alert, and is absent from
// /metrics. No data never ends an alert: it ends when the signal is known to be in order,
// or when Flink does not know the job or the process any more ([Trends.Listed]).
//
// A trend fires as long as its signal is above the limit, also without a line: the trouble
// remains when its growth ends.
//
// # False alerts
//
// The defaults were chosen by simulation, and calibration_test.go checks them for
// samples that correlate by up to 0.9: noise without a trend, four standard deviations
// below the limit, fires less than once in a hundred days with a sample each 15 s, and a
// ramp of three standard deviations per window fires within one and a half windows. A
// random walk can still cause a false alert.
//
// # Adding a rule
//
// Add an item to shipped.yml. For a new signal, add a row to the table in alerts/signal: its
// metrics are on the page already, so nothing else observes it.
package alerts
