package web

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// How much of the past is on the page.
const (
	episodesShown     = 10
	measurementsShown = 10
	sparkValues       = 120 // two hours of standing measurements
	sparkJobs         = 8   // only the first jobs have lines, so that the page stays fast
)

// view is the page at /.
type view struct {
	frame
	api.Status
	Notices      []notice
	Jobs         []jobView
	Trends       []trendView
	Scores       []scoreView
	Leads        *leadsView // nil while no rule has a true alert
	Accounts     []accountView
	LatencySpark *spark
	Episodes     episodeTable
	Measurements []measurementView
	Checks       *checksView // nil before the first checks
}

type jobView struct {
	api.Job
	Spark *spark
}

// Outdated reports whether the sustainable rate is certainly that of an older job.
func (j jobView) Outdated() bool {
	found := j.Sustainable
	return found != nil && found.Outdated != nil && *found.Outdated
}

// accountView is an account with its sum worked out.
type accountView struct {
	episode.Account
	Counts []outcomeCount
}

type outcomeCount struct {
	Fate episode.RecordOutcome
	N    int64
}

// Bad reports whether an outcome needs attention.
func (f outcomeCount) Bad() bool {
	return f.N > 0 && (f.Fate == episode.Lost || f.Fate == episode.ProduceFailed)
}

type measurementView struct {
	episode.Measurement
	// Slowest is the hop with the highest median; nil if no record has passed one.
	Slowest *episode.Hop
	// Known is true if the measurement has accounts: Lost and Pending are sums over them.
	// While records are pending, Lost may still grow.
	Known         bool
	Lost, Pending int64
}

// How says in words how the measurement was taken.
func (m measurementView) How() string {
	switch m.Kind {
	case episode.KindWindow:
		return "standing"
	case episode.KindRound:
		return "probe round"
	}
	return m.Kind
}

func (h *Handler) view() view {
	v := view{Status: h.status()}
	v.frame = frame{Title: "flink-sidecar", Several: several(v.Status), now: v.At}
	if !v.Several && v.Cluster != nil && v.Cluster.Name != "" {
		v.Title = v.Cluster.Name + " – flink-sidecar"
	}
	v.Trends = trends(v.Status)
	if h.Scores != nil {
		all := h.Scores()
		v.Scores, v.Leads = scores(all), leadTimes(all)
	}
	if h.Checks != nil {
		v.Checks = checks(h.Checks())
	}
	for i, job := range v.Status.Jobs {
		of := episode.JobRef{Cluster: job.Cluster, Job: job.Name}
		past := h.windows(&v, of, i < sparkJobs)
		v.Jobs = append(v.Jobs, jobView{
			job,
			draw("Throughput", throughputs(past), func(f float64) string { return rate(&f) }),
		})
		if last := v.lastHop(); last != "" && of == (episode.JobRef{Cluster: v.Probe.Cluster, Job: v.Probe.Job}) {
			v.LatencySpark = draw("Median until "+last, medians(past, last), seconds)
		}
	}
	if v.Probe != nil {
		v.Accounts = accounts(v.Probe.Accounts)
	}
	h.past(&v)
	declined, err := h.alerts.Declined(episode.JobRef{}, "", declinedListed)
	if err != nil {
		v.cantRead(err)
	}
	v.Notices = append(notices(v.Status, v.Episodes.Rows, declined), v.Notices...)
	return v
}

// past adds the newest entries of the history.
func (h *Handler) past(v *view) {
	var err error
	if v.Episodes, err = h.episodes(v.frame, "", episodesShown); err != nil {
		v.cantRead(err)
	}
	recent, err := h.history.Measurements(episode.JobRef{}, "", time.Time{}, time.Time{}, measurementsShown)
	if err != nil {
		v.cantRead(err)
	}
	for _, m := range recent {
		v.Measurements = append(v.Measurements, measurementView{
			m, slowest(m.Hops), len(m.Accounts) > 0, m.Records(episode.Lost), m.Records(episode.Pending),
		})
	}
}

// lastHop is the last hop of a record, empty without a probe.
func (v *view) lastHop() string {
	if v.Probe == nil || len(v.Probe.Hops) == 0 {
		return ""
	}
	return v.Probe.Hops[len(v.Probe.Hops)-1].Name
}

// windows returns the standing measurements of a job, oldest first.
func (h *Handler) windows(v *view, of episode.JobRef, wanted bool) []episode.Measurement {
	if !wanted {
		return nil
	}
	past, err := h.history.Measurements(of, "", time.Time{}, time.Time{}, sparkValues)
	if err != nil {
		v.cantRead(err)
	}
	past = slices.DeleteFunc(past, func(m episode.Measurement) bool { return m.Kind != episode.KindWindow })
	slices.Reverse(past)
	return past
}

func (v *view) cantRead(err error) {
	n := notice{What: "History cannot be read", Text: err.Error()}
	if !slices.Contains(v.Notices, n) {
		v.Notices = append(v.Notices, n)
	}
}

func accounts(list []episode.Account) []accountView {
	var out []accountView
	for _, a := range list {
		row := accountView{Account: a}
		for _, outcome := range episode.RecordOutcomes() {
			row.Counts = append(row.Counts, outcomeCount{outcome, a.Outcomes[outcome]})
		}
		out = append(out, row)
	}
	return out
}

func throughputs(past []episode.Measurement) []*float64 {
	var out []*float64
	for _, m := range past {
		out = append(out, m.Throughput)
	}
	return out
}

func medians(past []episode.Measurement, name string) []*float64 {
	var out []*float64
	for _, m := range past {
		i := slices.IndexFunc(m.Hops, func(h episode.Hop) bool { return h.Name == name && h.Count > 0 })
		if i < 0 {
			out = append(out, nil)
			continue
		}
		out = append(out, &m.Hops[i].P50)
	}
	return out
}

// furthest returns the last hop that at least one record has passed, nil if there
// is none.
func furthest(hops []episode.Hop) *episode.Hop {
	for i, h := range slices.Backward(hops) {
		if h.Count > 0 {
			return &hops[i]
		}
	}
	return nil
}

// slowest returns the hop with the highest median; nil if no record has passed one.
func slowest(hops []episode.Hop) (found *episode.Hop) {
	for i, h := range hops {
		if h.Count > 0 && (found == nil || h.P50 >= found.P50) {
			found = &hops[i]
		}
	}
	return found
}

// Uptime is how long the sidecar has run.
func (v view) Uptime() string { return length(v.At.Sub(v.Started).Seconds()) }

// TargetsUp summarizes the targets in words.
func (v view) TargetsUp() string {
	n := map[string]int{}
	for _, t := range v.Targets {
		n[upDown(t.Up)]++
	}
	text := fmt.Sprintf("%d of %d up", n["up"], len(v.Targets))
	if n[unknown] > 0 {
		text += fmt.Sprintf(", %d %s", n[unknown], unknown)
	}
	return text
}

// Headline is the hop that the top of the page shows.
func (v view) Headline() *episode.Hop {
	if v.Probe == nil {
		return nil
	}
	return furthest(v.Probe.Hops)
}

// TrendsFiring summarizes the trends in words.
func (v view) TrendsFiring() string {
	words := map[string]int{}
	for _, t := range v.Status.Trends {
		word, _ := stateWords(t.State)
		words[word]++
	}
	parts := []string{fmt.Sprintf("%d of %d firing", words["firing"], len(v.Status.Trends))}
	for _, word := range []string{"above the limit", "limit in sight", "settling", unknown} {
		if words[word] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", words[word], word))
		}
	}
	return strings.Join(parts, ", ")
}

// JobsRunning summarizes the jobs of all clusters in words.
func (v view) JobsRunning() string {
	var running, unclear int
	for _, job := range v.Status.Jobs {
		switch job.State {
		case "RUNNING":
			running++
		case "":
			unclear++
		}
	}
	text := fmt.Sprintf("%d of %d running", running, len(v.Status.Jobs))
	if unclear > 0 {
		text += fmt.Sprintf(", %d %s", unclear, unknown)
	}
	return text
}

// UnderWay summarizes the work of the loop.
func (v view) UnderWay() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{v.Loop.Working, "in progress"}, {v.Loop.Queued, "queued"}, {v.Loop.Announcing, "to be announced"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	return cmp.Or(strings.Join(parts, ", "), "none in progress")
}
