package advisor

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// tallyProfiles reads the profiles that are good enough and chooses the basis.
func (f *facts) tallyProfiles() {
	kinds := []struct {
		into  *tally
		modes []string
	}{
		{&f.cpu, []string{"ITIMER", "CPU"}},
		{&f.wall, []string{"WALL"}},
		{&f.alloc, []string{"ALLOC"}},
		{&f.lock, []string{"LOCK"}},
	}
	usable := map[string][]Profile{}
	for _, p := range f.divide() {
		one, quality := f.reader.tally(p), flame.QualityOf(p.Stacks)
		if doubt := one.doubt(quality); doubt != "" {
			f.warnings = append(f.warnings, fmt.Sprintf("profile %s was set aside: %s", clean(p.Name, maxSubject), doubt))
			continue
		}
		if quality.Grade != flame.Good {
			f.warnings = append(f.warnings, fmt.Sprintf("profile %s is %s: %s", clean(p.Name, maxSubject), quality.Grade, strings.Join(quality.Reasons, "; ")))
		}
		usable[p.Mode] = append(usable[p.Mode], p)
	}
	for _, kind := range kinds {
		var profiles []Profile
		for _, mode := range kind.modes {
			profiles = append(profiles, usable[mode]...)
		}
		*kind.into = f.reader.tally(profiles...)
	}
	switch {
	case f.cpu.busy > 0:
		f.basis = &f.cpu
	case f.wall.busy > 0:
		f.basis = &f.wall
	}
	f.describeBasis()
}

// Below this many samples of tasks at work a profile says nothing about a job.
const leastTaskSamples = 10

// fewSamples of tasks at work are used, with a word of caution.
const fewSamples = 200

// doubt says why a profile is not used, or nothing.
func (y *tally) doubt(quality flame.Quality) string {
	switch {
	case y.all == 0:
		return "it has no samples (was the job running?)"
	case quality.Grade == flame.Bad:
		return strings.Join(quality.Reasons, "; ")
	case y.task == 0:
		return "no task thread is in it (profile a TaskManager that runs the job)"
	case y.busy < leastTaskSamples:
		return fmt.Sprintf("only %d of its %d samples are of tasks at work (profile for longer, or under load)", y.busy, y.all)
	}
	return ""
}

func (f *facts) describeBasis() {
	if f.basis == nil {
		return
	}
	f.book.metric("samples of task threads", float64(f.basis.busy), "samples", fmt.Sprintf("%d of %d samples are of task threads at work (%s); shares are shares of these",
		f.basis.busy, f.basis.all, strings.Join(f.basis.names, ", ")))
	if f.basis == &f.wall {
		f.observations = append(f.observations, fmt.Sprintf("Task threads waited for work in %s of their wall-clock samples; that part is left out.",
			percent(float64(f.wall.idle)/float64(f.wall.task))))
	}
	if f.basis.busy < fewSamples {
		f.warnings = append(f.warnings, fmt.Sprintf("only %d samples of task threads at work: shares are uncertain (profile for longer, or under load)", f.basis.busy))
	}
	if !f.busyKnown {
		f.warnings = append(f.warnings, "the busy fraction of the bottleneck is not known and counts as 1: gains are at most what is said (pass metrics of the running job)")
	}
}
