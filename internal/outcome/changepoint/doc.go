// Package changepoint finds when the standing measurements of a job changed, also without a
// change of the job. It does no I/O.
//
//  1. [Search] takes the blocks of production of one job. Each figure is a series of blocks at
//     about the same load: the load depends on the producers and is no property of the job.
//  2. [Detect] finds the steps of a series.
//  3. Each step is a [Point]. Epochs that began near it are candidates for its cause, and no
//     proof. A point without one is the interesting one: no change of the job explains it.
//  4. What people said of a point ([episode.Triage]) stays with it, also if it moves a little.
//
// The folder changepointtest has labelled series, and a test counts what is found in them.
package changepoint
