package advisor

import (
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// pausesForGC judges collection by the time it takes, and without that by its
// part in the CPU samples, which bounds nothing: collectors run in parallel.
func pausesForGC(f *facts, i int) (verdict, bool) {
	var worst *Process
	for _, p := range f.bundle.Processes {
		if p.GC != nil && (worst == nil || *p.GC > *worst.GC) {
			worst = &p
		}
	}
	if worst != nil {
		return f.gcTime(i, *worst)
	}
	if f.cpu.all == 0 || !significant(f.cpu.gc, f.cpu.all) {
		return verdict{}, false
	}
	share := float64(f.cpu.gc) / float64(f.cpu.all)
	if share < muchGC {
		return verdict{}, false
	}
	id := f.book.metric("GC share of CPU samples", share, "ratio",
		fmt.Sprintf("%d of %d CPU samples of the process (%s) are of garbage collector threads", f.cpu.gc, f.cpu.all, percent(share)))
	return verdict{
		severity: severityOfHint(share), confidence: sureOfHints, evidence: []string{id},
		title: fmt.Sprintf("%s of the process's CPU time is garbage collection", percent(share)),
		why:   "How long the tasks were paused for it is not known without the metrics of the JVM.",
	}, true
}

// muchGC is the part of CPU samples from which collection is worth a word.
const muchGC = 0.15

func (f *facts) gcTime(i int, p Process) (verdict, bool) {
	if *p.GC < minShare {
		return verdict{}, false
	}
	id := f.book.share("GC time ratio "+cleanOr(p.ID, "process"), *p.GC,
		fmt.Sprintf("process %s spends %s of the time in garbage collection", cleanOr(p.ID, "?"), percent(*p.GC)))
	return verdict{
		impact: f.rules[i].removable.impact(*p.GC, *p.GC), confidence: sureOfMetrics, evidence: []string{id},
		title: fmt.Sprintf("Garbage collection takes %s of the time of %s", percent(*p.GC), cleanOr(p.ID, "a process")),
		why:   "While a collector stops the world no record moves.",
	}, true
}

// From which ratio of the busiest subtask to the mean, and how busy, skew is
// worth a word.
const (
	muchSkew     = 1.5
	skewFromBusy = 0.7
)

func skewed(source bool) func(f *facts, i int) (verdict, bool) {
	return func(f *facts, i int) (verdict, bool) {
		v, ok := f.bundle.vertex(f.bundle.Bottleneck)
		if !ok || v.Busy == nil || v.BusyMax == nil || *v.Busy <= 0 || strings.HasPrefix(v.Name, "Source: ") != source {
			return verdict{}, false
		}
		skew := *v.BusyMax / *v.Busy
		if skew < muchSkew || *v.BusyMax < skewFromBusy {
			return verdict{}, false
		}
		id := f.book.share("share lost to skew", 1-1/skew, fmt.Sprintf("the busiest subtask of %s is %.1f times as busy as the mean", cleanOr(v.Name, v.ID), skew))
		impact := f.rules[i].removable.impact(1-1/skew, 1-1/skew)
		return verdict{
			impact: impact, confidence: sureOfMetrics, evidence: append([]string{id}, f.cited...),
			title: fmt.Sprintf("One subtask of %s is %.1f times as busy as the mean", cleanOr(v.Name, v.ID), skew),
			why:   "The job is as fast as its busiest subtask while the others idle.",
		}, true
	}
}

// ofInterval judges a part of checkpointing that holds records up by its share
// of the time between checkpoints.
func ofInterval(name string, part func(*Checkpoints) *float64) func(f *facts, i int) (verdict, bool) {
	return func(f *facts, i int) (verdict, bool) {
		c := f.bundle.Checkpoints
		if c == nil || c.Interval <= 0 || part(c) == nil {
			return verdict{}, false
		}
		share := min(*part(c)/c.Interval, 1)
		if share < minShare {
			return verdict{}, false
		}
		id := f.book.share("checkpoint "+name, share, fmt.Sprintf("%s takes %.2f s of the %.4g s between checkpoints (%s)", name, *part(c), c.Interval, percent(share)))
		return verdict{
			impact: f.rules[i].removable.impact(share, share), confidence: sureOfMetrics, evidence: []string{id},
			title: fmt.Sprintf("%s takes %s of the time between checkpoints", strings.ToUpper(name[:1])+name[1:], percent(share)),
			why:   fmt.Sprintf("It lasts %.2f s and comes every %.4g s.", *part(c), c.Interval),
		}, true
	}
}

// uploadsLong judges the asynchronous part, which slows nothing down until a
// checkpoint is not over when the next one is due.
func uploadsLong(f *facts, _ int) (verdict, bool) {
	c := f.bundle.Checkpoints
	if c == nil || c.Interval <= 0 || c.Async == nil || *c.Async < muchWaiting*c.Interval {
		return verdict{}, false
	}
	share := *c.Async / c.Interval
	severity := episode.Warning
	if share >= 1 {
		severity = episode.Critical
	}
	id := f.book.metric("checkpoint upload", *c.Async, "seconds",
		fmt.Sprintf("the asynchronous part of a checkpoint takes %.4g s of the %.4g s between checkpoints", *c.Async, c.Interval))
	return verdict{
		severity: severity, confidence: sureOfMetrics, evidence: []string{id},
		title: fmt.Sprintf("Uploading a checkpoint takes %.1f s of the %.4g s between two", *c.Async, c.Interval),
		why:   "When it takes longer than that, checkpoints are late and a failure replays more.",
	}, true
}

// grows judges a signal that rises, without doubt, toward a limit.
func grows(signals ...string) func(f *facts, i int) (verdict, bool) {
	return func(f *facts, _ int) (verdict, bool) {
		for _, signal := range signals {
			for _, t := range f.bundle.Trends {
				if t.Signal == signal && t.PerSecondLow > 0 && t.Breach != nil && *t.Breach < farAway {
					return f.growth(t), true
				}
			}
		}
		return verdict{}, false
	}
}

// A breach further away than farAway is no news; one within soon is urgent.
const (
	farAway = 24 * time.Hour
	soon    = time.Hour
)

func (f *facts) growth(t Trend) verdict {
	severity := episode.Warning
	if *t.Breach < soon {
		severity = episode.Critical
	}
	name := strings.NewReplacer("_", " ", "gc", "GC").Replace(t.Signal)
	text := fmt.Sprintf("%s is %s and grows by %s per minute", name, quantity(t.Now, t.Unit), quantity(t.PerSecond*60, t.Unit))
	if t.Subject != "" {
		text += " (" + clean(t.Subject, maxSubject/2) + ")"
	}
	if t.Limit != nil {
		text += fmt.Sprintf("; it passes %s in %s", quantity(*t.Limit, t.Unit), t.Breach.Round(time.Second))
	}
	id := f.book.metric(strings.TrimSpace(t.Signal+" per second "+t.Subject), t.PerSecond, t.Unit+"/s", text)
	return verdict{
		severity: severity, confidence: sureOfMetrics, evidence: []string{id},
		title: fmt.Sprintf("%s grows and reaches its limit in %s", strings.ToUpper(name[:1])+name[1:], t.Breach.Round(time.Second)),
		why:   "It is now " + quantity(t.Now, t.Unit) + " and grows by at least " + quantity(t.PerSecondLow*60, t.Unit) + " per minute.",
	}
}
