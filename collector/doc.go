// Package collector reads the present state of Flink. A [Collector] polls one JobManager on its
// own clock; those of several clusters are [Clusters]. It turns the answers into values
// that are either known or absent. It offers them in two forms that cannot disagree: as
// Prometheus metrics, and as Go values for the page, the prober and the measurements. It
// is the only place that computes epochs.
//
// # A poll
//
//  1. ask    /overview: is this Flink, which version, with which resources
//  2. touch  /taskmanagers/metrics: makes the JobManager fetch from all processes
//  3. list   /jobs/overview and /taskmanagers
//  4. settle half a second, so that what follows is the fetch of step 2 and
//     not the one before it
//  5. read   metrics of the JobManager and the TaskManagers; for each running
//     job its details, checkpoints, job metrics, exceptions, and one aggregated
//     request per vertex                                → [snapshot.Job],
//     [snapshot.TaskManager]
//  6. derive the values that follow from several metrics, and the epoch
//     → [episode.Epoch]
//  7. render all metrics once; a scrape only sends them
//
// Requests are O(vertices), never O(subtasks): at most 2 × vertices + 12 for a job and
// poll, plus one for each TaskManager shown in detail. Names are listed when a run of a
// job begins, at growing intervals after that, and when an answer suggests that they
// changed. Listing, halving, settings, exceptions and the further batches of names share
// the rest of the budget, and what does not fit waits for a later poll. In addition, two
// requests a minute go to the subtasks of the one vertex that limits the job (see
// [snapshot.Detail]).
//
// # From Flink's names to ours
//
// The tables of package metricnames map each name to families, units, and the way in
// which the subtasks' values become one. Its index finds the entry for a name that Flink
// lists; the rules of the user come last. A vertexMetrics holds the names of one vertex
// in batches that fit into a request: the first is read at every poll, the others in
// turn. What follows from several metrics is in derive.go, and its formulas in
// docs/metrics.md.
//
// # Epochs
//
// An [episode.Epoch] is compared with the last one of its job by its parts, not by its
// key. The last one is recalled from history when the sidecar starts, so an epoch
// continues over a restart of the sidecar, and a change made in the meantime is reported.
// The values of settings stay in Flink; a short hash of each shows which differ. A change
// of scale alone (parallelism, sizes of TaskManagers) begins an epoch too, but a further
// one within ten minutes belongs to it: an active autoscaler makes one epoch, which is
// reported again, under the same key, at each scale. Settings that only ask for a
// parallelism are left out, because the vertices show their effect.
//
// # Failures
//
// Flink remembers sixteen exceptions of a job. One dead TaskManager causes as many within
// a minute, because restarts that find no slot fail too. So they are read at every poll,
// each is counted once by the class of its cause, and the first of each incident is kept
// (see [failures]).
//
// # Unknown is not zero
//
// A value that Flink did not give is absent from the page and named in
// flink_sidecar_signal_unknown. This holds for a missing name, a NaN, a count that Flink
// marks incomplete, a vertex of which not every subtask reported, and a process whose
// metrics stand still. It holds for everything while the metric store as a whole stands
// still, which may last ten minutes after a TaskManager died (see [successive.Staleness]). A poll
// that fails leaves the page as it is; three poll intervals after it was taken the page
// is withdrawn.
//
// # What is not obvious
//
//   - Derived values are of the last minute, because Flink's shares of time are, and its
//     rates are of the same minute, by the same timer (see minute.go). Differences of
//     counters serve where a short time matters: they are divided by how much longer the
//     tasks had run, which comes in the same answer. Neither our clock nor the
//     JobManager's says when a TaskManager's metrics were fetched.
//   - Flink does not say how many subtasks reported, but the number follows from sum and
//     average of any metric that is not zero.
//   - A sum over TaskManagers falls when one goes, which a counter must not. So those
//     sums are continued from poll to poll (see [successive.RunningTotals]).
//   - Series carry the job's name, not its id, so that they continue when a job is
//     submitted again; the id is in flink_job_info. Of two running jobs with one name
//     the later started is shown.
package collector
