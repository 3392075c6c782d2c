package flinktest

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// store is the JobManager's metric store: the result of the last fetch.
type store struct {
	jobManager   map[string]string
	job          map[string]string
	taskManagers map[string]map[string]string  // by TaskManager id
	vertices     map[string]map[string]summary // by vertex id
}

// summary is what the subtasks of a vertex reported under one name.
type summary struct {
	min, max, avg, sum float64
	each               []float64 // where a test gave each its own
}

// over summarizes values as Flink does: one NaN makes everything NaN.
func over(values ...float64) summary {
	s := summary{min: values[0], max: values[0], each: values}
	for _, v := range values {
		s.min, s.max, s.sum = math.Min(s.min, v), math.Max(s.max, v), s.sum+v
	}
	s.avg = s.sum / float64(len(values))
	return s
}

// plus is the summary after every subtask has counted for d at its own rate.
func (s summary) plus(rate summary, d time.Duration) summary {
	t := d.Seconds()
	if len(s.each) > 0 && len(s.each) == len(rate.each) {
		grown := slices.Clone(s.each)
		for i := range grown {
			grown[i] += rate.each[i] * t
		}
		return over(grown...)
	}
	return summary{min: s.min + rate.min*t, max: s.max + rate.max*t, avg: s.avg + rate.avg*t, sum: s.sum + rate.sum*t}
}

// newStore fills a store from the captures of a job with the given vertices
// and TaskManagers.
func newStore(answers map[string]answer, vertices, taskManagers []string) *store {
	s := &store{
		jobManager:   values(answers["jobmanager_metrics_get.json"]),
		job:          values(answers["job_metrics_get.json"]),
		taskManagers: map[string]map[string]string{},
		vertices:     map[string]map[string]summary{},
	}
	for i, vertex := range vertices {
		prefix := "v" + strconv.Itoa(i)
		s.vertices[vertex] = summaries(answers[prefix+"_subtasks_metrics_list.json"],
			answers[prefix+"_subtasks_metrics_agg.json"])
	}
	one := values(answers["taskmanager_metrics_get.json"])
	for _, id := range taskManagers {
		s.taskManagers[id] = maps.Clone(one)
	}
	if len(taskManagers) == 2 {
		s.tellApart(answers, taskManagers[1], one)
	}
	return s
}

// tellApart gives the TaskManager that was captured only in part the values that follow
// from the sum over both.
func (s *store) tellApart(answers map[string]answer, other string, one map[string]string) {
	for _, entry := range objects(answers["taskmanagers_metrics_agg.json"].doc) {
		name := entry["id"].(string)
		known, _ := strconv.ParseFloat(one[name], 64)
		s.taskManagers[other][name] = format(float(entry["sum"]) - known)
	}
}

// values reads a captured answer of a non-aggregated endpoint.
func values(a answer) map[string]string {
	all := map[string]string{}
	for _, entry := range objects(a.doc) {
		all[entry["id"].(string)] = entry["value"].(string)
	}
	return all
}

// summaries reads the captured names of a vertex and the captured values.
func summaries(names, aggregated answer) map[string]summary {
	all := map[string]summary{}
	for _, entry := range objects(names.doc) {
		all[entry["id"].(string)] = summary{}
	}
	for _, entry := range objects(aggregated.doc) {
		all[entry["id"].(string)] = summary{
			min: float(entry["min"]), max: float(entry["max"]),
			avg: float(entry["avg"]), sum: float(entry["sum"]),
		}
	}
	return all
}

// perSecond marks the rate that belongs to a counter.
const perSecond = "PerSecond"

// totals are the counters of time that a task spends, and the shares of time
// by which they grow.
func totals() map[string]string {
	return map[string]string{
		"accumulateBusyTimeMs":          "busyTimeMsPerSecond",
		"accumulateIdleTimeMs":          "idleTimeMsPerSecond",
		"accumulateBackPressuredTimeMs": "backPressuredTimeMsPerSecond",
	}
}

// advance changes the store by d, as the next fetch finds it. While the job does not run
// only the processes change.
func (s *store) advance(d time.Duration, running bool) {
	spent := d.Seconds() * 1e9 / 20 // a twentieth of a core, in nanoseconds
	grow(s.jobManager, "Status.JVM.CPU.Time", spent)
	for _, process := range s.taskManagers {
		grow(process, "Status.JVM.CPU.Time", spent)
	}
	if !running {
		return
	}
	grow(s.job, "uptime", float64(d.Milliseconds()))
	grow(s.job, "runningTime", float64(d.Milliseconds()))
	for _, metrics := range s.vertices {
		for name := range metrics {
			rate, counted := metrics[name+perSecond]
			if share, total := totals()[name]; total {
				rate, counted = metrics[share], true
			}
			if counted {
				metrics[name] = metrics[name].plus(rate, d)
			}
		}
	}
}

func grow(metrics map[string]string, name string, by float64) {
	old, err := strconv.ParseFloat(metrics[name], 64)
	if err == nil {
		metrics[name] = format(old + by)
	}
}

func format(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// acrossTaskManagers sums up one metric over all TaskManagers that report it
// as a number.
func (s *store) acrossTaskManagers(name string) (total summary, reported, numeric bool) {
	var all []float64
	for _, id := range slices.Sorted(maps.Keys(s.taskManagers)) {
		text, ok := s.taskManagers[id][name]
		if !ok {
			continue
		}
		reported = true
		f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
		if err != nil {
			return summary{}, true, false
		}
		all = append(all, f)
	}
	if !reported {
		return summary{}, false, false
	}
	return over(all...), true, true
}
