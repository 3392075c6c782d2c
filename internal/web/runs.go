package web

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	whatchanged "github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Runs are the stored runs of scale tests, and the evaluations, listed newest first.
type Runs interface {
	ScaleTests
	Evaluations(of episode.JobRef, before string, limit int) ([]episode.Evaluation, error)
}

// ScaleTests are the stored scale tests and their runs.
type ScaleTests interface {
	api.StoredRuns
	// ScaleTest returns false when there is none with that id.
	ScaleTest(id string) (scalerun.Test, bool, error)
}

// runsLinked is how many further runs are linked.
const runsLinked = 20

// runsView is the page at /runs: the table "What changed?" of a run, or of epochs of production.
type runsView struct {
	frame
	Table whatchanged.Table
	Rows  []changeRow
	// Measured says which figures some row has.
	Measured figuresShown
	Others   []runLink
	// Epochs are the newest ones from which production can be compared. Since is true if it is.
	Epochs []epochLink
	Since  bool
	// Search is the newest one for the sustainable rate; nil if there is none.
	Search *searchView
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

// epochLink leads to the table of the epochs of a job from one on.
type epochLink struct {
	Job, Cluster string
	Began        time.Time
	Changes      string
}

// At names the epoch: its key may come again.
func (l epochLink) At() string { return l.Began.UTC().Format(time.RFC3339Nano) }

// figuresShown says which figures some row has.
type figuresShown struct{ Latency, CPU, Between bool }

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

// Share is how much of the variance comes from the deployments; empty if it is not known.
func (r changeRow) Share() string {
	if r.BetweenShare == nil {
		return ""
	}
	return number(math.Round(100**r.BetweenShare)) + " %"
}

// CPU is the CPU time for a million records; empty if it is not known.
func (r changeRow) CPU() string {
	if r.CPUPerMillion == nil {
		return ""
	}
	return whatchanged.Brief(*r.CPUPerMillion)
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
	v := h.runsView(episode.JobRef{Cluster: q.Get("cluster"), Job: q.Get("job")}, q.Get("run"), q.Get("since"))
	h.render(w, r, http.StatusOK, "runs", v)
}

func (h *Handler) runsView(of episode.JobRef, run, since string) runsView {
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
	v.Epochs = h.epochLinks(of)
	v.Since = since != "" && h.Production != nil
	table, search, err := h.table(of, run, since)
	v.Search = search.at(status.Jobs)
	missing, isMissing := errors.AsType[*api.Error](err)
	switch {
	case isMissing:
		v.None = missing.Message
	case err != nil:
		v.Notices = append(v.Notices, notice{What: "Scale tests cannot be read", Text: err.Error()})
		return v
	}
	v.show(table)
	for _, warning := range v.Table.Warnings {
		v.Notices = append(v.Notices, notice{What: "Doubtful comparison", Text: warning, Mild: true})
	}
	if v.Others, err = h.otherRuns(runLink{v.Table.Run, v.Table.Job, v.Table.Cluster}); err != nil {
		v.Notices = append(v.Notices, notice{What: "Scale tests cannot be read", Text: err.Error()})
	}
	return v
}

// table is that of a run or, with since, that of epochs of production, and the newest search for the
// sustainable rate: that of the run, or of any run if none is named.
func (h *Handler) table(of episode.JobRef, run, since string) (t whatchanged.Table, search *searchView, err error) {
	if since != "" && h.Production != nil {
		t, err = h.Production(of, since)
		return t, h.newestSearch(of), err
	}
	tests, err := api.StoredRun(h.runs, of, run)
	if search = h.searchOf(tests); run == "" {
		search = h.newestSearch(of)
	}
	return whatchanged.NewTable(tests), search, err
}

// show puts a table into words.
func (v *runsView) show(table whatchanged.Table) {
	v.Table = table
	for _, r := range table.Rows {
		v.Rows = append(v.Rows, changeRow{r})
		v.Measured.Latency = v.Measured.Latency || r.LatencyP50 != nil || r.LatencyP99 != nil
		v.Measured.CPU = v.Measured.CPU || r.CPUPerMillion != nil
		v.Measured.Between = v.Measured.Between || r.BetweenShare != nil
	}
}

// epochsLinked is how many epochs are linked.
const epochsLinked = 5

// epochLinks are the newest epochs of the jobs that a filter takes.
func (h *Handler) epochLinks(of episode.JobRef) (links []epochLink) {
	if h.Epochs == nil {
		return nil
	}
	epochs, err := h.Epochs(of, epochsLinked)
	if err != nil {
		return nil // the notice about scale tests says that the history cannot be read
	}
	for _, e := range epochs {
		links = append(links, epochLink{e.Job, e.Cluster, e.Began, e.Describe()})
	}
	return links
}

// otherRuns are the newest runs, without the one that is shown.
func (h *Handler) otherRuns(shown runLink) (links []runLink, err error) {
	runs, err := h.runs.ScaleRuns(episode.JobRef{}, "", runsLinked+1)
	for _, run := range runs {
		if link := (runLink{run.Run, run.Job, run.Cluster}); link != shown && len(links) < runsLinked {
			links = append(links, link)
		}
	}
	return links, err
}
