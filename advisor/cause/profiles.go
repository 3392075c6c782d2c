package cause

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// tallyProfiles reads the profiles with sufficient quality and chooses the basis.
func (f *Facts) tallyProfiles() {
	kinds := []struct {
		into  *Tally
		modes []string
	}{
		{&f.CPU, []string{"ITIMER", "CPU"}},
		{&f.Wall, []string{"WALL"}},
		{&f.alloc, []string{"ALLOC"}},
		{&f.lock, []string{"LOCK"}},
	}
	usable, whole := map[string][]evidence.Profile{}, map[string][]evidence.Profile{}
	var seen evidence.Fingerprints
	for _, p := range f.divide() {
		if same, again := seen.Again(p); again {
			f.Warnings = append(f.Warnings, fmt.Sprintf("profile %s has the samples of %s and counts once",
				evidence.Clean(p.Name, evidence.MaxSubject), evidence.Clean(same, evidence.MaxSubject)))
			continue
		}
		one, quality := f.reader.tally(p), flame.QualityOf(p.Stacks)
		if doubt := one.doubt(quality); doubt != "" {
			f.Warnings = append(f.Warnings, fmt.Sprintf("profile %s was set aside: %s", evidence.Clean(p.Name,
				evidence.MaxSubject), doubt))
			continue
		}
		if quality.Grade != flame.Good {
			f.Warnings = append(f.Warnings, fmt.Sprintf("profile %s is %s: %s", evidence.Clean(p.Name,
				evidence.MaxSubject), quality.Grade, strings.Join(quality.Reasons, "; ")))
		}
		whole[p.Mode] = append(whole[p.Mode], p)
		if limits, beside, ok := f.split(p); ok && ofTime(p) {
			f.elsewhere = append(f.elsewhere, aside{Profile: beside, of: new(p)})
			p = limits
		}
		usable[p.Mode] = append(usable[p.Mode], p)
	}
	for _, kind := range kinds {
		var profiles, all []evidence.Profile
		for _, mode := range kind.modes {
			profiles, all = append(profiles, usable[mode]...), append(all, whole[mode]...)
		}
		*kind.into = f.reader.tally(profiles...)
		kind.into.whole = f.reader.counts(all...)
		kind.into.released = f.released
	}
	switch {
	case f.CPU.Busy > 0:
		f.Basis = &f.CPU
	case f.Wall.Busy > 0:
		f.Basis = &f.Wall
	}
	f.describeBasis()
	f.sayWhatIsNotJudged()
	f.sayWhatWorksBeside()
}

// ofTime reports whether the samples of a profile are time. Collections and waits for a lock
// concern the whole process, so profiles of these are not split by vertex.
func ofTime(p evidence.Profile) bool { return p.Mode != "ALLOC" && p.Mode != "LOCK" }

// base says which samples shares are of.
func (f *Facts) base() string {
	if f.Basis.Busy == f.Basis.whole.work {
		return "these"
	}
	side := "tasks that read from other tasks"
	if f.methods.first != "" {
		return fmt.Sprintf("the %d that can be of the %s", f.Basis.Busy, f.either("vertex that limits the job", "busiest vertex"))
	}
	if v, _ := f.Bundle.Vertex(f.Bundle.Bottleneck); sideOfVertex(v) == frame.FromSource {
		side = "sources"
	}
	return fmt.Sprintf("the %d of %s, as the %s does", f.Basis.Busy, side,
		f.either("vertex that limits the job", "busiest vertex"))
}

// sayWhatIsNotJudged keeps silence from looking like health: without samples of time no rule
// reads anything of the code.
func (f *Facts) sayWhatIsNotJudged() {
	if f.alloc.Busy > 0 {
		f.sayWhatIsAllocated()
	}
	if own, of, _ := f.Contended(); own < of {
		f.Observations = append(f.Observations, fmt.Sprintf("%d of %d waits for locks of task threads begin in the code "+
			"of the job; the others are of Flink and of libraries.", own, of))
	}
	switch {
	case f.Basis != nil:
	case len(f.Bundle.Profiles) == 0:
		f.Observations = append(f.Observations, episode.NotJudged+": no profile is in the evidence.")
	default:
		f.Observations = append(f.Observations, episode.NotJudged+": no usable profile of mode ITIMER, CPU or "+
			"WALL is in the evidence.")
	}
}

// leastTaskSamples is the minimum number of samples of tasks at work in a usable
// profile.
const leastTaskSamples = 10

// fewSamples is the number of samples of tasks at work below which the advice has a
// warning.
const fewSamples = 200

// doubt returns why a profile is not used, empty if it is used.
func (y *Tally) doubt(quality flame.Quality) string {
	switch {
	case y.All == 0:
		return "it has no samples (was the job running?)"
	case quality.Grade == flame.Bad:
		return strings.Join(quality.Reasons, "; ")
	case y.task == 0:
		return "no task thread is in it (profile a TaskManager that runs the job)"
	case y.Busy < leastTaskSamples:
		return fmt.Sprintf("only %d of its %d samples are of tasks at work (profile for longer, or under load)",
			y.Busy, y.All)
	}
	return ""
}

func (f *Facts) describeBasis() {
	if f.Basis == nil {
		return
	}
	f.Book.Metric("samples of task threads", float64(f.Basis.whole.work), "samples",
		fmt.Sprintf("%d of %d samples are of task threads at work (%s); shares are shares of %s",
			f.Basis.whole.work, f.Basis.whole.all, strings.Join(f.Basis.names, ", "), f.base()))
	if f.Basis == &f.Wall {
		f.Observations = append(f.Observations, fmt.Sprintf("Task threads waited for work in %s of their "+
			"wall-clock samples; that part is left out.",
			evidence.Percent(float64(f.Wall.idle)/float64(f.Wall.task))))
	}
	if f.Basis.Busy < fewSamples {
		f.Warnings = append(f.Warnings, fmt.Sprintf("only %d samples of task threads at work: shares are "+
			"uncertain (profile for longer, or under load)", f.Basis.Busy))
	}
	if !f.busyKnown {
		f.Warnings = append(f.Warnings, "the busy fraction of the bottleneck is not known and counts as 1: gains "+
			"are at most what is said (pass metrics of the running job)")
	}
}
