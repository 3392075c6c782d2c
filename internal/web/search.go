package web

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// searchView is a search for the sustainable rate, while it goes on and after it.
type searchView struct {
	scalerun.Test
	// epoch is the present one of the job; empty if unknown.
	epoch string
}

// at is the search as seen beside the jobs of now; nil if there is none.
func (s *searchView) at(jobs []api.Job) *searchView {
	if s != nil {
		s.epoch = epochOf(s.JobRef(), jobs)
	}
	return s
}

// epochOf is the present epoch of a job; empty if unknown.
func epochOf(of episode.JobRef, jobs []api.Job) string {
	for _, job := range jobs {
		if job.Cluster == of.Cluster && job.Name == of.Job {
			return job.EpochKey
		}
	}
	return ""
}

// Outdated reports whether the job is in another epoch since, so that the rate is that of an older job.
func (s searchView) Outdated() bool {
	return s.epoch != "" && s.EpochKey != "" && s.epoch != s.EpochKey
}

// newestSearch is that of the newest run that has one, nil if no run has. A history that cannot be read
// is said beside the table.
func (h *Handler) newestSearch(of episode.JobRef) *searchView {
	runs, err := h.runs.ScaleRuns(of, "", runsLinked+1)
	if err != nil {
		return nil
	}
	for _, run := range runs {
		if found := h.search(run.Search); found != nil {
			return found
		}
	}
	return nil
}

// searchOf is the newest one among the tests of a run, oldest first; nil if none of them searched.
func (h *Handler) searchOf(tests []scalerun.Test) *searchView {
	for _, t := range slices.Backward(tests) {
		if t.Sustainable != nil {
			return h.search(t.ID)
		}
	}
	return nil
}

// search is the one that a test made; nil if it made none, or is not there any more.
func (h *Handler) search(id string) *searchView {
	if id == "" {
		return nil
	}
	test, found, err := h.runs.ScaleTest(id)
	if err != nil || !found || test.Sustainable == nil {
		return nil
	}
	return &searchView{Test: test}
}

// GoesOn reports whether the test has no end: it is under way, or its process was killed.
func (s searchView) GoesOn() bool { return s.Ended.IsZero() }

// Found is the rate in words.
func (s searchView) Found() string {
	found := s.Sustainable
	if found.Rate == nil {
		return "no rate is sustained"
	}
	text := number(*found.Rate) + "/s"
	if s.GoesOn() || found.Verdict != scalerun.Sustained {
		text = "at least " + text
	}
	if found.Beside != nil {
		text += " beside " + number(*found.Beside) + "/s of other input"
	}
	return text
}

// Trials are in the order in which they were made.
func (s searchView) Trials() (rows []trialRow) {
	for _, t := range s.Sustainable.Trials {
		rows = append(rows, trialRow{t})
	}
	return rows
}

// trialRow is one rate that was tried, in words.
type trialRow struct{ scalerun.Trial }

// Mood is the style of the verdict.
func (r trialRow) Mood() string {
	switch r.Verdict {
	case scalerun.Sustained:
		return "good"
	case scalerun.NotSustained:
		return "bad"
	case scalerun.GeneratorLimited, scalerun.Undecided:
	}
	return ""
}

// Grows is by how much the backlog grows in a second; a dash where it is not known.
func (r trialRow) Grows() string {
	switch {
	case r.Growth == nil:
		return "–"
	case *r.Growth > 0:
		return "+" + number(*r.Growth) + "/s"
	}
	return number(*r.Growth) + "/s"
}
