// Command bench measures what the sidecar costs and how fresh its values are, on a
// real Flink on this machine, beside peers in the same run:
//
//	bench collector   CPU time of the JobManager for each poll, beside the pattern of
//	                    one request for each subtask
//	bench age         how old a value is when it is read and when it is on the page,
//	                    beside plain polling
//	bench footprint   memory and CPU time of the sidecar itself, and how soon it has a
//	                    complete page
//	bench profiles    CPU time and memory of converting flame graph pages, beside
//	                    async-profiler's own converter and inferno; needs no Flink
//	bench profilecost throughput of a job at full speed with and without a running profile,
//	                    in turn, on a stack that runs
//	bench changepoints  what is found in labelled series, and the CPU time, beside Apache
//	                    Otava; needs no Flink
//	bench history     lists and writes of a large history, beside bare bbolt, and a start
//	                    with it; needs no Flink
//
// Each starts the Flink it needs and stops it at the end, and prints a table with the
// load of the machine, because figures from a busy one are upper bounds.
// docs/benchmarks.md explains what is measured and why.
//
// The peers are our own small implementations of the requests of other tools (peer.go).
// The CPU time of a process comes from its clock in the kernel (clock.go), which counts
// every thread, ended ones included, in nanoseconds.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kingpin/v2"
)

func main() { os.Exit(run()) }

// run is the program. It returns the exit code.
func run() int {
	app := kingpin.New("bench", "What the sidecar costs and how fresh its values are, beside peers, on a real Flink.")
	version := app.Flag("flink-version", "Version of Flink.").Default("2.3").String()
	cost := app.Command("collector", "CPU time of the JobManager for each poll.")
	costs := costs{}
	cost.Flag("parallelism", "Parallelism of the job, a multiple of 2.").Default("96").IntVar(&costs.parallelism)
	cost.Flag("vertices", "Vertices of the job.").Default("4").IntVar(&costs.vertices)
	cost.Flag("repetitions", "How often each pattern polls.").Default("5").IntVar(&costs.repetitions)
	age := app.Command("age", "Age of values when they are read and when they are on the page.")
	ages := ages{}
	age.Flag("interval", "Time between polls.").Default("15s").DurationVar(&ages.interval)
	age.Flag("duration", "For how long to measure.").Default("5m").DurationVar(&ages.duration)
	foot := app.Command("footprint", "Memory and CPU time of the sidecar itself.")
	footprint := footprint{}
	foot.Flag("sidecar", "The sidecar's program.").Default("bin/sidecar").StringVar(&footprint.program)
	foot.Flag("duration", "For how long to measure.").Default("5m").DurationVar(&footprint.duration)
	foot.Flag("output", "A file to write the figures to, as JSON.").StringVar(&footprint.output)
	converting := app.Command("profiles", "CPU time and memory of converting flame graph pages.")
	profiles := profiles{}
	converting.Flag("sidecar", "The sidecar's program.").Default("bin/sidecar").StringVar(&profiles.sidecar)
	converting.Flag("converter", "The jar of async-profiler's converter; fetched with Maven if not given.").
		StringVar(&profiles.converter)
	converting.Flag("inferno", "The program inferno-diff-folded; without it no diff is measured.").
		StringVar(&profiles.inferno)
	converting.Flag("page", "A real page.").Default("internal/flame/testdata/flink/flink-2.3.0-tm-ALLOC.html").
		StringVar(&profiles.page)
	converting.Flag("other", "A real page to compare it with.").
		Default("internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html").StringVar(&profiles.other)
	converting.Flag("repetitions", "How often each page is converted.").Default("5").IntVar(&profiles.repetitions)
	profiling := app.Command("profilecost", "Throughput of a job with and without a running profile, on a stack that runs.")
	running := profileCost{}
	profiling.Flag("sidecar", "The sidecar's program.").Default("bin/sidecar").StringVar(&running.program)
	profiling.Flag("config", "Configuration of the stack, with a section scaletest.").Required().StringVar(&running.config)
	profiling.Flag("mode", "Mode of the profiles.").Default("ITIMER").StringVar(&running.mode)
	profiling.Flag("records", "Records of an iteration.").Default("10000").IntVar(&running.records)
	profiling.Flag("pairs", "Iterations of each side.").Default("5").IntVar(&running.pairs)
	profiling.Flag("profile", "Length of a profile, longer than an iteration.").Default("150s").DurationVar(&running.profile)
	profiling.Flag("pairs-file", "A file to write the throughputs to, as CSV.").StringVar(&running.file)
	finding := app.Command("changepoints", "What is found in labelled series, and the CPU time.")
	found := changePoints{}
	finding.Flag("python", "An interpreter that has Apache Otava; without it only ours is measured.").
		StringVar(&found.python)
	finding.Flag("corpus", "A file to write the series to, as JSON.").StringVar(&found.corpus)
	finding.Flag("repetitions", "How often ours looks at all series.").Default("5").IntVar(&found.repetitions)
	large := app.Command("history", "A large history: its lists, its writes, and a start with it.")
	past := histories{}
	large.Flag("sidecar", "The sidecar's program.").Default("bin/sidecar").StringVar(&past.program)
	large.Flag("episodes", "How many episodes it has.").Default("100000").IntVar(&past.episodes)
	large.Flag("iterations", "How many iterations of scale tests it has.").Default("1000000").IntVar(&past.iterations)
	large.Flag("output", "A file to write the figures to, as JSON.").StringVar(&past.output)
	large.Flag("lists", "Measure the lists only; the other figures stay as they are in the output.").
		BoolVar(&past.onlyLists)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	measure := map[string]func(context.Context, string) error{
		cost.FullCommand():       costs.measure,
		age.FullCommand():        ages.measure,
		foot.FullCommand():       footprint.measure,
		converting.FullCommand(): profiles.measure,
		finding.FullCommand():    found.measure,
		profiling.FullCommand():  running.measure,
		large.FullCommand():      past.measure,
	}[kingpin.MustParse(app.Parse(os.Args[1:]))]
	if err := measure(ctx, *version); err != nil {
		fmt.Fprintf(os.Stderr, "bench: error: %v\n", err)
		return 1
	}
	return 0
}

// rest waits, and reports whether ctx still lasts.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
