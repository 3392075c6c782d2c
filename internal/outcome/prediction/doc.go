// Package prediction scores advice by what happened after it. A finding with an impact is
// a prediction: this change brings this gain. It does no I/O.
//
//  1. [Attribute] finds the change that a finding asked for: a person marked it as applied, or
//     an epoch began that changes exactly the setting that the finding names.
//  2. [Measure] compares the throughput that the job can reach before and after the change.
//  3. [Count] sums results up by category and source, with their uncertainty.
//
// # What is compared
//
// The unit is a block of half an hour. Minutes of one block are alike, so each would count as
// more than it is. A block counts if the sources read within 20 % of the usual rate of the
// blocks after the change, and if the job keeps up: while it drains a backlog it runs at
// another point. Capacity is compared, and not throughput, which depends on the producers.
//
// A result needs ten blocks on each side. Fewer, or a minimum detectable change above the
// predicted high, is "unmeasurable", which is never a success. Whether an alert still fires
// is not looked at. Blocks belong to a cluster, a job and an epoch, so that two jobs of one
// template never mix.
package prediction
