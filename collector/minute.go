package collector

import (
	"math"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Flink's shares of time and its rates are means over a minute, which one timer renews
// every five seconds (TimerGauge and MeterView). So a rate divided by a share is exact
// whatever the load did in that minute, which no difference of counters is.
const (
	wholeMinute = 65 * time.Second
	// firstView is the age from which a task has measured its shares of time at least once.
	// Until then Flink says that it is busy all the time.
	firstView = 6 * time.Second
	// leastAge is how long a task must have run for the mean since its start.
	leastAge = 10 * time.Second
	// startError is by how much a task may seem older than its job, and restartSeen older
	// than the poll that noticed its restart.
	startError  = 5 * time.Second
	restartSeen = 20 * time.Second
)

// perMinute are the rates that the tasks report, in records per second over the last
// minute; nil is unknown.
type perMinute struct {
	in, out *float64
	// operatorIn and operatorOut are of the source's own operator.
	operatorIn, operatorOut *float64
	// most is the rate of the subtask of a source that reads most.
	most *float64
}

func perMinuteOf(found flink.Aggregates) perMinute {
	return perMinute{
		in:          metricnames.NotNegative(sumOfTask(found, metricnames.TaskRecordsInRate)),
		out:         metricnames.NotNegative(sumOfTask(found, metricnames.TaskRecordsOutRate)),
		operatorIn:  sumOver(found, metricnames.SourcePrefix, metricnames.RecordsInRate),
		operatorOut: sumOver(found, metricnames.SourcePrefix, metricnames.RecordsOutRate),
		most:        mostOver(found, metricnames.RecordsInRate),
	}
}

// mostOver is the greatest value of a subtask under a name of a source's operator; nil if
// none reports it. A vertex may hold several sources.
func mostOver(found flink.Aggregates, ending string) (most *float64) {
	for name, a := range found {
		operator, ok := strings.CutSuffix(name, ending)
		if !ok || !strings.HasPrefix(operator, metricnames.SourcePrefix) || strings.Contains(operator, ".") {
			continue
		}
		if most == nil || a.Max > *most {
			most = &a.Max
		}
	}
	return most
}

// ofSource is the rate that belongs to a count of what a source read.
func (m perMinute) ofSource(kind string) *float64 {
	switch kind {
	case readByOperator:
		return m.operatorIn
	case sentByOperator:
		return m.operatorOut
	case readByTask:
		return m.in
	case sentByTask:
		return m.out
	}
	return nil
}

// sinceStart are the same rates as means since the tasks started. Flink divides by a whole
// minute even if a task is younger, while its shares of time are means since the start.
func (v *vertexRead) sinceStart() perMinute {
	over := func(count *float64) *float64 {
		if count == nil {
			return nil
		}
		rate := *count / *v.clock
		return &rate
	}
	read := over(v.countedRead())
	return perMinute{in: over(v.countedIn()), out: over(v.countedOut()), operatorIn: read, operatorOut: read}
}

// rates takes over the rates of the last minute. While some tasks are younger than that
// and others are not, they are unknown.
func (v *vertexRead) rates(uptime *float64, sinceRestart time.Duration) {
	if v.clock == nil {
		return
	}
	rates, age := v.perMinute, time.Duration(*v.clock*float64(time.Second))
	young := age < wholeMinute
	switch started := uptime != nil && *v.clock <= *uptime+startError.Seconds(); {
	case young && age >= leastAge && (started || uptime == nil && sinceRestart > wholeMinute):
		rates = v.sinceStart()
	case young || sinceRestart < wholeMinute && age > sinceRestart+restartSeen:
		return
	}
	v.RecordsInRate, v.RecordsOutRate = rates.in, rates.out
	if v.Source { // source tasks count what they read only since Flink 2
		v.RecordsInRate = rates.ofSource(v.read.kind)
	}
}

// standsStill reports whether a rate is known to be 0.
func standsStill(rate *float64) bool { return rate != nil && math.Abs(*rate) < 1e-9 }
