package signal

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Series is one line of a page.
type Series struct {
	Name   string
	Labels map[string]string
	Value  float64
}

// Reader turns successive pages into observations. It remembers counters, runs and
// processes between them. It is not safe for concurrent use.
type Reader struct {
	// Probed are the labels of the probe's signals: the probed job.
	Probed snapshot.Labels

	runs      map[jobKey]*run
	lives     map[jobKey]*life
	counters  map[counterKey]*counter
	events    map[counterKey]time.Time
	pages     int
	seenPages map[counterKey]int
}

type jobKey struct{ cluster, name string }

// run is what names the attempt of a job and its epoch.
type run struct {
	id, epoch string
	restarts  float64
	known     bool // the number of restarts is known
	seen      int  // the number of the page that it was on last
}

// life distinguishes one JVM from the next under the same id.
type life struct {
	number     int
	cpuSeconds float64
	seen       int // the number of the page that it was on last
}

// counterKey is one series of a row, or of what a row is divided by.
type counterKey struct {
	row    snapshot.Signal
	metric string
	labels snapshot.Labels
	rest   string // tells apart series of which the greatest counts
}

// NewReader returns a reader that has seen no page.
func NewReader() *Reader {
	return &Reader{
		runs: map[jobKey]*run{}, lives: map[jobKey]*life{}, counters: map[counterKey]*counter{},
		events: map[counterKey]time.Time{}, seenPages: map[counterKey]int{},
	}
}

// needed are the metrics that the table uses.
var needed = func() map[string]bool {
	out := map[string]bool{infoMetric: true, restartsMetric: true, cpuMetric: true, stateMetric: true, slotsMetric: true}
	for _, row := range table {
		for _, name := range []string{row.Metric, row.Of, row.Max, row.Event} {
			if name != "" {
				out[name] = true
			}
		}
	}
	return out
}()

// Needs reports whether a signal uses a metric.
func Needs(metric string) bool { return needed[metric] }

// Metrics lists what the signals use, for a query of recorded samples.
func Metrics() []string {
	out := make([]string, 0, len(needed))
	for name := range needed {
		out = append(out, name)
	}
	return out
}

// Read returns what a page says of each signal. A signal that is not on the page is not
// known, and has no observation.
func (r *Reader) Read(at time.Time, page []Series) []Observation {
	byName := map[string][]Series{}
	for _, s := range page {
		if needed[s.Name] {
			byName[s.Name] = append(byName[s.Name], s)
		}
	}
	r.follow(byName)
	var out []Observation
	for i := range table {
		out = append(out, r.read(at, &table[i], byName)...)
	}
	r.forget()
	return out
}

// follow notes the runs, epochs and processes of a page.
func (r *Reader) follow(page map[string][]Series) {
	for _, s := range page[infoMetric] {
		of := r.runOf(s)
		of.id, of.epoch = s.Labels["job_id"], s.Labels["epoch"]
	}
	for _, s := range page[restartsMetric] {
		of := r.runOf(s)
		of.restarts, of.known = s.Value, true
	}
	for _, s := range page[cpuMetric] {
		key := jobKey{s.Labels["cluster"], s.Labels["taskmanager"]}
		of := r.lives[key]
		if of == nil {
			of = &life{}
			r.lives[key] = of
		}
		if s.Value < of.cpuSeconds {
			of.number++
		}
		of.cpuSeconds, of.seen = s.Value, r.pages
	}
}

func (r *Reader) runOf(s Series) *run {
	key := jobKey{s.Labels["cluster"], s.Labels["job"]}
	if r.runs[key] == nil {
		r.runs[key] = &run{}
	}
	r.runs[key].seen = r.pages
	return r.runs[key]
}

// group are the series of one subject.
type group struct {
	labels snapshot.Labels
	name   string // of the vertex
	values []Series
}

// groups collects the selected series of a metric by their subject.
func (r *Reader) groups(row *Row, page []Series, selected map[string]string) []group {
	at := map[snapshot.Labels]int{}
	var out []group
	for _, s := range page {
		if !matches(s, selected) {
			continue
		}
		labels := r.labels(row, s)
		i, known := at[labels]
		if !known {
			i = len(out)
			at[labels] = i
			out = append(out, group{labels: labels})
			if row.Subject == OfVertex {
				out[i].name = s.Labels["vertex"]
			}
		}
		out[i].values = append(out[i].values, s)
	}
	return out
}

func matches(s Series, selected map[string]string) bool {
	for label, value := range selected {
		if s.Labels[label] != value {
			return false
		}
	}
	return true
}

func (r *Reader) labels(row *Row, s Series) snapshot.Labels {
	l := snapshot.Labels{Cluster: s.Labels["cluster"]}
	switch row.Subject {
	case OfJob:
		l.Job = s.Labels["job"]
	case OfVertex:
		l.Job, l.Vertex = s.Labels["job"], s.Labels["vertex_id"]
	case OfProcess:
		l.Process = s.Labels["taskmanager"]
	case OfProbe:
		return r.Probed
	}
	return l
}

func (r *Reader) read(at time.Time, row *Row, page map[string][]Series) []Observation {
	var out []Observation
	for _, g := range r.groups(row, page[row.Metric], row.Select) {
		value, ok := r.value(at, row, g, page)
		if !ok {
			continue
		}
		o := r.from(row, g)
		o.Sample = series.Sample{T: r.when(at, row, g, page), V: value}
		o.Max = r.most(row, g, page)
		out = append(out, o)
	}
	return out
}

// from is an observation without its sample.
func (r *Reader) from(row *Row, g group) Observation {
	o := Observation{Signal: row.Name, Labels: g.labels, VertexName: g.name}
	if of := r.runs[jobKey{g.labels.Cluster, g.labels.Job}]; of != nil && g.labels.Job != "" {
		o.EpochKey = of.epoch
		if of.known && of.id != "" {
			o.RunID = fmt.Sprintf("%s/%.0f", of.id, of.restarts)
		}
	}
	if of := r.lives[jobKey{g.labels.Cluster, g.labels.Process}]; of != nil {
		o.ProcessID = fmt.Sprintf("%s/%d", g.labels.Process, of.number)
	}
	return o
}

// sameEvent is how far the computed times of one event may lie apart, because two machines
// have two clocks.
const sameEvent = 2 * time.Second

// when is the time of a sample: that of the page or, of an event, its own.
func (r *Reader) when(at time.Time, row *Row, g group, page map[string][]Series) time.Time {
	age, ok := r.other(row, row.Event, g, page)
	if !ok {
		return at
	}
	happened := at.Add(-time.Duration(age * float64(time.Second)))
	key := counterKey{row: row.Name, labels: g.labels}
	r.seenPages[key] = r.pages
	if before := r.events[key]; happened.Sub(before).Abs() < sameEvent {
		return before
	}
	r.events[key] = happened
	return happened
}

func (r *Reader) most(row *Row, g group, page map[string][]Series) *float64 {
	if most, ok := r.other(row, row.Max, g, page); ok {
		return &most
	}
	return nil
}

// other is the value of another metric of the same subject.
func (r *Reader) other(row *Row, metric string, g group, page map[string][]Series) (float64, bool) {
	if metric == "" {
		return 0, false
	}
	for _, s := range page[metric] {
		if matches(s, row.Select) && r.labels(row, s) == g.labels {
			return s.Value, true
		}
	}
	return 0, false
}
