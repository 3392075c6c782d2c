// Package outcome answers whether a change helped: the table "What changed?". It reads
// stored scale tests and does no I/O of its own.
//
//  1. [Tests] selects the scale tests of one run.
//  2. [NewTable] groups their iterations by label, shape and deployment, and compares each
//     label with the baseline.
//  3. [Table.Text], [Table.Markdown], [Table.CSV] and JSON write it.
//
// [Compare] is the same for two labels, as a comment on a pull request.
//
// [Read] reads numbers that were measured elsewhere, as CSV or JSON, and [Rows.Tests] makes
// scale tests of them, so that they get the same judgement. [WriteRows] is the way back.
//
// # The statistics
//
// The unit is the deployment and never the iteration. Iterations of one deployment share
// its placement, its caches and its neighbours, so they are alike: an interval from them
// contains the truth in two of three cases instead of 95 of 100 (TestIterationsAsSamples in
// internal/stat). The value of a deployment is the mean
// of the logarithms of its iterations. The interval is that of Student's t on these values:
// paired where baseline and label alternated, Welch's otherwise.
package outcome
