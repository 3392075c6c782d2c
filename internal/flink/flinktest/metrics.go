package flinktest

import (
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// entry is one line of a metrics answer.
type entry = map[string]any

// metrics answers a request to a metrics endpoint from the store; ok is false
// if the path is none.
func (s *Server) metrics(r *http.Request) (body any, ok bool) {
	segments := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if segments[len(segments)-1] != "metrics" {
		return nil, false
	}
	wanted := requested(r.URL.Query())
	switch {
	case r.URL.Path == "/jobmanager/metrics":
		return single(s.store.jobManager, wanted), true
	case r.URL.Path == "/taskmanagers/metrics":
		return s.acrossTaskManagers(wanted), true
	case len(segments) == 3 && segments[0] == "taskmanagers":
		return single(s.store.taskManagers[segments[1]], wanted), true
	case len(segments) == 3 && segments[0] == "jobs":
		return single(s.ofJob(segments[1]), wanted), true
	case len(segments) == 6 && segments[4] == "subtasks":
		return ofVertex(s.store.vertices[segments[3]], wanted, r.URL.Query().Get("subtasks")), true
	}
	return nil, false
}

func requested(query url.Values) []string {
	if get := query.Get("get"); get != "" {
		return strings.Split(get, ",")
	}
	return nil
}

func (s *Server) ofJob(id string) map[string]string {
	if id != s.JobID {
		return nil
	}
	return s.store.job
}

// single is a non-aggregated answer: unknown names are left out.
func single(metrics map[string]string, wanted []string) []entry {
	if wanted == nil {
		return names(maps.Keys(metrics))
	}
	found := []entry{}
	for _, name := range wanted {
		if value, ok := metrics[name]; ok {
			found = append(found, entry{"id": name, "value": value})
		}
	}
	return found
}

func (s *Server) acrossTaskManagers(wanted []string) []entry {
	if wanted == nil {
		all := map[string]string{}
		for _, metrics := range s.store.taskManagers {
			maps.Copy(all, metrics)
		}
		return names(maps.Keys(all))
	}
	found := []entry{}
	for _, name := range wanted {
		total, reported, numeric := s.store.acrossTaskManagers(name)
		if !reported {
			return []entry{}
		}
		if numeric {
			found = append(found, total.entry(name))
		}
	}
	return found
}

// ofVertex takes only the selected subtasks, if some are: "0-3,5".
func ofVertex(metrics map[string]summary, wanted []string, subtasks string) []entry {
	if wanted == nil {
		return names(maps.Keys(metrics))
	}
	found := []entry{}
	for _, name := range wanted {
		total, reported := metrics[name]
		if !reported {
			return []entry{}
		}
		// Captured metrics have no value of each subtask: they stay as they are.
		if values := selected(total.each, subtasks); len(values) > 0 {
			total = over(values...)
		}
		found = append(found, total.entry(name))
	}
	return found
}

// selected returns the values of the subtasks that a selector such as "0-3,5" names.
func selected(each []float64, selector string) []float64 {
	var values []float64
	for part := range strings.SplitSeq(selector, ",") {
		first, last, isRange := strings.Cut(part, "-")
		from, err := strconv.Atoi(first)
		to := from
		if isRange {
			to, err = strconv.Atoi(last)
		}
		for i := from; err == nil && i <= to && i < len(each); i++ {
			values = append(values, each[i])
		}
	}
	return values
}

func names(keys func(func(string) bool)) []entry {
	all := []entry{}
	for _, name := range slices.Sorted(keys) {
		all = append(all, entry{"id": name})
	}
	return all
}

func (s summary) entry(name string) entry {
	return entry{
		"id": name, "min": jsonNumber(s.min), "max": jsonNumber(s.max), "avg": jsonNumber(s.avg),
		"sum": jsonNumber(s.sum),
	}
}

// jsonNumber writes a number as Flink does: NaN as a string.
func jsonNumber(f float64) any {
	if math.IsNaN(f) {
		return "NaN"
	}
	return f
}
