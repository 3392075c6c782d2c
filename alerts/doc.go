// Package alerts says where a job is heading. It has two halves that share a
// vocabulary and nothing else: trends, which foresee trouble from what the
// collector measures, and the webhook, by which Alertmanager tells of trouble
// that Prometheus found. Both end in a [Sink].
//
// # Trends
//
//  1. The collector's samples are offered as an [Observation] each, with
//     [Trends.Observe]. A value that isn't known isn't offered.
//  2. Each [Rule] about the signal keeps a window of them per set of labels. The
//     window is cut where the signal's past ends: at the run of the job for what
//     tasks do, at the process for what a JVM does. The first minutes after a
//     cut don't count, since what fills up at the start is no trend.
//  3. [Trends.Tick] fits a line through each window and asks when it will pass
//     the rule's limit. The answer is an interval, and there is none where the
//     slope is not significant.
//  4. A rule holds while the lower bound of that time is within its horizon. It
//     fires when it has held for a while without a break, and is over when it
//     has not held for a while. Tick returns these two edges, each once.
//
// A heap rises and falls with every garbage collection, and says nothing by its
// height. Its rule looks at the lower edge of the saw-tooth only.
//
// What isn't known (too few samples, none for a quarter of the window, no
// maximum that the limit is a part of) neither fires nor ends anything, and is
// absent from /metrics. A signal that is gone for a whole window is forgotten,
// and what fired for it is over.
//
// What is not obvious: a trend that fires goes on firing beyond its limit, when
// the line is flat and the trouble is there; but a signal that was always above
// the limit never fires, because there is no trend. That is the business of a
// plain threshold in Prometheus.
//
// # How often it is wrong
//
// The defaults were chosen by simulation, and calibration_test.go holds them to
// it: noise without a trend, four standard deviations below the limit, fires
// less than once in a hundred days, and a ramp of three standard deviations per
// window is caught within one and a half windows, both for samples that
// correlate by up to 0.9. A wandering signal (a random walk) does fool a line
// now and then, and nothing here prevents that.
//
// # The webhook
//
// [Webhook] takes Alertmanager's version 4, from 0.25 to 0.34, and answers at
// once: everything that takes time happens behind the sink. Alerts that the
// sidecar itself sent carry a label of origin and are dropped, or the loop would
// feed itself.
//
// # Adding a rule
//
// A row in shipped, with its signal; if the signal is new, a constant with its
// unit and time, and an adapter in cmd/sidecar that observes it.
package alerts
