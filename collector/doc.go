// Package collector knows what Flink says now. A [Collector] polls one JobManager
// on its own clock; those of several clusters are [Clusters]. It turns the answers
// into values that are either known or absent, and offers them in two forms that
// can't disagree: as Prometheus metrics, and as Go values for the page, the prober
// and the measurements. It is the only place that computes epochs.
//
// # A poll
//
//  1. ask    /overview: is this Flink, which version, how many of what
//  2. touch  /taskmanagers/metrics: makes the JobManager fetch from all processes
//  3. list   /jobs/overview and /taskmanagers
//  4. settle half a second, so that what follows is the fetch of step 2 and
//     not the one before it
//  5. read   metrics of the JobManager and the TaskManagers; for each running
//     job its details, checkpoints, job metrics, exceptions, and one aggregated
//     request per vertex                                → [Job], [TaskManager]
//  6. derive rates from the difference to the poll before, and the epoch
//     → [episode.Epoch]
//  7. render everything into one page of metrics, once; a scrape only hands out
//     what is there
//
// Requests are O(vertices), never O(subtasks): at most 2 × vertices + 12 for a
// Job and poll, plus one for each TaskManager shown in detail. Names are listed
// when a run of a job begins, ever more rarely after that, and when an answer
// suggests that they changed; listing, halving, settings, exceptions and the further
// batches of names share what the budget leaves, and what does not fit is done
// at a later poll. Apart from that, two requests a minute go to the subtasks of
// the one vertex that limits the job (see [Detail]).
//
// # From Flink's names to ours
//
// The tables in reading_*.go say what becomes of each name: families, units, and
// how the subtasks' values become one. The handbook finds the entry for a name
// that Flink lists, the rules of the user come last. A catalogue holds the names
// of one vertex, in portions that fit into a request; the first is asked for at
// every poll, the others in turn. What follows from several metrics is in
// derive.go, and its formulas in docs/metrics.md.
//
// # Epochs
//
// An [episode.Epoch] is compared with the last one of its job, by what it is made
// of and not by its key: that one is recalled from history when the sidecar
// starts, so that an epoch goes on over a restart, and a change made meanwhile
// is told. The settings' values stay in Flink; a short hash of each tells which
// differ. A change of scale alone (parallelism, sizes of TaskManagers) begins an
// epoch too, but a further one within ten minutes belongs to it: an autoscaler at
// work makes one epoch, which is told again, under the same key, at each scale.
// Settings that only ask for a parallelism are left out, because the vertices show
// what came of them.
//
// # Failures
//
// Flink remembers sixteen exceptions of a job, and one dead TaskManager brings as
// many within a minute, because restarts that find no slot fail too. So they are
// read at every poll, each is counted once by the class of its cause, and the first
// of those that belong together is kept (see [failures]).
//
// # Unknown is not zero
//
// A value that Flink did not give is absent from the page and named in
// flink_sidecar_signal_unknown. That is so for a missing name, a NaN, a count
// that Flink marks incomplete, a vertex of which not every subtask reported, a
// Process whose metrics stand still, and everything while the metric store as
// a whole stands still, which it may do for ten minutes after a TaskManager
// died (see [pulse]). A poll that fails leaves the page as it is; three poll
// intervals after it was taken the page is withdrawn.
//
// # What is not obvious
//
//   - Rates are differences of counters, because Flink's own "…PerSecond"
//     metrics are means over a minute. They are divided by how much longer the
//     tasks had run, which comes in the same answer, and not by our clock or the
//     JobManager's: when a TaskManager's metrics were fetched, only these tell.
//   - How many subtasks reported is nowhere said, but it follows from sum and
//     average of any metric that is not zero.
//   - A sum over TaskManagers falls when one goes, which a counter must not. So
//     those over all are counted on from poll to poll (see [tally]).
//   - Series carry the job's name, not its id, so that they go on when a job is
//     submitted again; the id is in flink_job_info. Of two running jobs with
//     one name the later started is shown.
package collector
