package rules

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

var locks = cause.Rule{
	Name:     "locks",
	Category: cause.LockContention,
	Frames: cause.Pattern{
		flame.Monitor, "ObjectMonitor::*", "ObjectSynchronizer::*", "java.util.concurrent.locks.ReentrantLock.lock",
		"java.util.concurrent.locks.ReentrantLock$Sync.lock",
		"java.util.concurrent.locks.ReentrantReadWriteLock*", "java.util.concurrent.locks.StampedLock.*",
		"java.util.concurrent.Semaphore.acquire*",
	},
	Unless: cause.Pattern{
		"*.connector.base.source.reader.*", "org.apache.flink.runtime.io.network.*BufferPool*",
	},
	Parked:    true,
	Removable: cause.Span{Low: 0.2, High: 0.8},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "What is no longer shared is not waited for; shared work that remains keeps its lock.",
	},
	Judge: contends,
	What:  "waiting for locks",
	Why:   "A task thread that must wait for another thread is as fast as that one.",
	Change: "Keep what is shared between threads out of the path of every record: one client per subtask, " +
		"thread-safe counters without locks, hand over batches instead of records.",
	TradeOffs: "More memory and connections when clients are no longer shared.",
	Reference: docsJDK + "java/util/concurrent/locks/package-summary.html",
}

// contends judges waits for locks: by the clock if there is a WALL profile, else by CPU, else
// by the waits that a LOCK profile lists.
func contends(f *cause.Facts, i int) (cause.Verdict, bool) {
	v, fires := onTheClock(f, i)
	if !fires {
		v, fires = cause.CostsCPU(f, i)
	}
	own, of, site := f.Contended()
	if site.Samples < cause.MinSamples || float64(own) < cause.MuchContended*float64(of) {
		return v, fires
	}
	says := fmt.Sprintf(" %d of %d waits for locks of task threads begin in the code of the job, %d of them in %s for "+
		"a lock of class %s.", own, of, site.Samples, site.SiteName(), site.ClassName())
	if !fires {
		v = cause.Verdict{
			Severity: episode.Info, Confidence: cause.SureOfHints,
			Title: fmt.Sprintf("%s waits for locks; how long is not known without a WALL profile", site.SiteName()),
		}
	}
	v.Why += says
	v.Evidence = append(v.Evidence, f.CiteLock(site.Class))
	return v, true
}

// onTheClock judges waits by WALL samples of the busy time.
func onTheClock(f *cause.Facts, i int) (cause.Verdict, bool) {
	k, n := f.Attributed(&f.Wall, i), f.Wall.Busy
	if !cause.Significant(k, n) {
		return cause.Verdict{}, false
	}
	share, atLeast := float64(k)/float64(n), cause.AtLeastShare(k, n)
	v := cause.Verdict{
		Impact:     f.WhileItWaits(f.Rules[i].Removable, atLeast, share),
		Confidence: cause.SureOfSamples * atLeast / share,
		Evidence:   append([]string{f.EvidenceOf(i, &f.Wall, k)}, f.Cited...),
		Title:      f.GoesInto(i, &f.Wall, k),
		Why:        f.Wall.IsIn(i),
	}
	f.CapByNext(&v)
	return v, true
}
