package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	whatchanged "github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// Runs are the stored scale tests and evaluations, listed newest first.
type Runs interface {
	RunTests(run string, of episode.JobRef, before string, limit int) ([]episode.ScaleTest, error)
	Evaluations(of episode.JobRef, before string, limit int) ([]episode.Evaluation, error)
}

// runsListed is how many of the newest scale tests are searched for further runs.
const runsListed = 30

// runsView is the page at /runs: the table "What changed?" of a run.
type runsView struct {
	frame
	Table  whatchanged.Table
	Rows   []changeRow
	Others []runLink
	// Evaluations are the newest ones.
	Evaluations []evaluationRow
	// Changes are the newest change points, newest first.
	Changes []pointRow
	Notices []notice
	// None says why there is no table; empty if there is one.
	None string
}

// runLink leads to a run.
type runLink struct{ Run, Job, Cluster string }

// changeRow is a row of the table, in words.
type changeRow struct{ whatchanged.Row }

// Mood is the style of the verdict.
func (r changeRow) Mood() string {
	switch r.Verdict {
	case whatchanged.Better:
		return "good"
	case whatchanged.Worse:
		return "bad"
	}
	return ""
}

// Interval is the 95 % interval of the improvement; empty if there is none.
func (r changeRow) Interval() string {
	if r.Low == nil || r.High == nil {
		return ""
	}
	return change(*r.Low) + " to " + change(*r.High)
}

// Least is the minimum detectable change; empty if it is not known.
func (r changeRow) Least() string {
	if r.Detectable == nil {
		return ""
	}
	return strings.TrimPrefix(change(*r.Detectable), "+")
}

// change writes a change in percent with its sign.
func change(v float64) string {
	text := strconv.FormatFloat(v, 'f', 2, 64)
	if v > 0 {
		text = "+" + text
	}
	return text + " %"
}

// changeOr is a change, or a dash where it is unknown.
func changeOr(v *float64) string {
	if v == nil {
		return "–"
	}
	return change(*v)
}

func (h *Handler) serveRuns(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v := h.runsView(episode.JobRef{Cluster: q.Get("cluster"), Job: q.Get("job")}, q.Get("run"))
	h.render(w, r, http.StatusOK, "runs", v)
}

func (h *Handler) runsView(of episode.JobRef, run string) runsView {
	status := h.status()
	v := runsView{frame: frame{Title: "What changed?", Several: several(status), now: status.At}}
	evaluations, err := h.runs.Evaluations(of, "", evaluationsShown)
	if err != nil {
		v.Notices = append(v.Notices, notice{What: "Evaluations cannot be read", Text: err.Error()})
	}
	for _, e := range evaluations {
		v.Evaluations = append(v.Evaluations, evaluationRow{e})
	}
	if h.Changes != nil {
		v.Changes = pointRows(h.Changes(), of)
	}
	tests, err := api.StoredRun(h.runs, of, run)
	missing, isMissing := errors.AsType[*api.Error](err)
	switch {
	case isMissing:
		v.None = missing.Message
	case err != nil:
		v.Notices = append(v.Notices, notice{What: "Scale tests cannot be read", Text: err.Error()})
		return v
	}
	v.Table = whatchanged.NewTable(tests)
	for _, r := range v.Table.Rows {
		v.Rows = append(v.Rows, changeRow{r})
	}
	for _, warning := range v.Table.Warnings {
		v.Notices = append(v.Notices, notice{What: "Doubtful comparison", Text: warning, Mild: true})
	}
	newest, err := h.runs.RunTests("", episode.JobRef{}, "", runsListed)
	if err != nil {
		v.Notices = append(v.Notices, notice{What: "Scale tests cannot be read", Text: err.Error()})
	}
	v.Others = otherRuns(newest, runLink{v.Table.Run, v.Table.Job, v.Table.Cluster})
	return v
}

// otherRuns are the runs of tests, each once, without the one that is shown.
func otherRuns(tests []episode.ScaleTest, shown runLink) (links []runLink) {
	seen := map[runLink]bool{shown: true}
	for _, t := range tests {
		link := runLink{t.Run, t.Job, t.Cluster}
		if !seen[link] {
			seen[link], links = true, append(links, link)
		}
	}
	return links
}
