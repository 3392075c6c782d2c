package successive

import (
	"maps"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Pauses computes the share of the last minute in which garbage collection stopped each
// TaskManager.
type Pauses struct {
	seen map[string][]pausedFor // by TaskManager, oldest first
}

// pausedFor is the time that a process' collectors had taken at one moment.
type pausedFor struct {
	at      time.Time
	seconds float64
}

// pauseSpan is the window of the share: single polls hold one collection or none.
const pauseSpan = time.Minute

// Share records the time of a TaskManager's collectors, and returns the share of the time
// since the oldest record of the last minute; nil if there is none, or if the process
// restarted.
func (p *Pauses) Share(process string, metrics flink.Values, now time.Time) *float64 {
	seconds, known := Stopped(metrics)
	seen := p.seen[process]
	if !known || len(seen) > 0 && seconds < seen[len(seen)-1].seconds {
		delete(p.seen, process)
		seen = nil
	}
	if !known {
		return nil
	}
	for len(seen) > 1 && now.Sub(seen[1].at) >= pauseSpan {
		seen = seen[1:]
	}
	if p.seen == nil {
		p.seen = map[string][]pausedFor{}
	}
	p.seen[process] = append(seen, pausedFor{at: now, seconds: seconds})
	if len(seen) == 0 || !now.After(seen[0].at) {
		return nil
	}
	share := min(1, (seconds-seen[0].seconds)/now.Sub(seen[0].at).Seconds())
	return &share
}

// Keep forgets all TaskManagers but these.
func (p *Pauses) Keep(listed []exposition.TaskManager) {
	there := map[string]bool{}
	for _, tm := range listed {
		there[tm.ID] = true
	}
	maps.DeleteFunc(p.seen, func(process string, _ []pausedFor) bool { return !there[process] })
}

// Stopped is the time in seconds of all collectors of a process, without the concurrent
// ones.
func Stopped(metrics flink.Values) (seconds float64, known bool) {
	for name, millis := range metrics {
		collector, isGC := strings.CutPrefix(name, metricnames.GCPrefix)
		collector, isTime := strings.CutSuffix(collector, metricnames.GCTimeEnding)
		if !isGC || !isTime || collector == metricnames.EveryCollector || concurrent(collector) {
			continue
		}
		seconds, known = seconds+millis/metricnames.MillisPerSecond, true
	}
	return seconds, known
}

// concurrent reports whether a collector works while the process continues, as the cycles
// of ZGC and Shenandoah do; their pauses are counted separately.
func concurrent(collector string) bool {
	return strings.Contains(collector, "Concurrent") || strings.Contains(collector, "Cycles")
}
