package profiler

import (
	"cmp"
	"context"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// maxChecked bounds how many TaskManagers are asked.
const maxChecked = 20

// Check looks at the profiler of the JobManager and of each TaskManager. It begins no
// profile. dir is rest.profiling.dir, empty if it is not set.
func Check(ctx context.Context, flink Flink, taskManagers []string, dir string, found *check.Results) {
	if _, failure := (remote{flink: flink, process: snapshot.JobManager}).runs(ctx); failure != nil {
		var fix *check.Fix
		if failure.Outcome == Disabled {
			fix = check.Flink("rest.profiling.enabled", "true")
		}
		found.Add("profiling", check.Warning, fix, "%s: thread dumps are used instead", failure.Outcome.meaning().what)
		return
	}
	for _, id := range taskManagers[:min(len(taskManagers), maxChecked)] {
		runs, failure := remote{flink: flink, process: id}.runs(ctx)
		if failure != nil || len(runs) == 0 || runs[0].Status == running || runs[0].Status == finished {
			continue
		}
		if last := ofRun(runs[0]); last.Outcome == Wedged {
			found.Add("profiling", check.Warning, check.Shell("mkdir -p %s", check.Quoted(cmp.Or(dir, "/tmp"))),
				"the profiler of TaskManager %s can no longer be started: its directory was missing or full "+
					"(make it there, then restart this TaskManager)", id)
			return
		}
	}
	found.Add("profiling", check.OK, nil, "the profiler answers; each process writes to %s", cmp.Or(dir, "its temporary directory"))
}
