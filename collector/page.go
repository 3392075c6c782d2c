package collector

import (
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// limits bound a page: all its series, and those of user metrics.
type limits struct{ series, user int }

// maxLabel bounds a label's value, in characters. Names of vertices list all
// operators of a chain and may run to thousands.
const maxLabel = 200

// signal is one metric of one job that is expected on the page; the job is
// empty for what belongs to the cluster.
type signal struct{ name, job string }

// page is a set of series, put together once per poll. What Flink hands us is
// made fit for a scrape here: labels are valid and bounded, no series is there
// twice, none is NaN.
type page struct {
	cluster string
	limits  limits
	user    int // how many series of user metrics there are
	metrics []prometheus.Metric
	seen    map[string]struct{}
	// shown are the signals with a value, missing those without.
	shown, missing map[signal]struct{}
	dropped        map[string]int // by reason
}

// The reasons for which a series is dropped.
const (
	duplicate    = "duplicate"  // two things of one name
	tooMany      = "limit"      // the page is full
	tooManyUser  = "user_limit" // its part for user metrics is full
	tooManyNames = "names"      // Flink lists more names for a vertex than are asked for
)

func newPage(cluster string, l limits) *page {
	return &page{
		limits:  l,
		cluster: tidy(cluster),
		seen:    map[string]struct{}{},
		shown:   map[signal]struct{}{},
		missing: map[signal]struct{}{},
		dropped: map[string]int{},
	}
}

// add puts one series on the page.
func (p *page) add(f *Family, value float64, labels ...string) {
	all := make([]string, 0, len(f.Labels))
	all = append(all, p.cluster)
	for _, label := range labels {
		all = append(all, tidy(label))
	}
	key := f.Name + "\xff" + strings.Join(all, "\xff")
	if _, there := p.seen[key]; there {
		p.dropped[duplicate]++
		return
	}
	if full := p.full(f); full != "" {
		p.dropped[full]++
		return
	}
	p.seen[key] = struct{}{}
	p.shown[signal{f.Name, jobOf(f, all)}] = struct{}{}
	p.metrics = append(p.metrics, prometheus.MustNewConstMetric(f.desc, f.kind, value, all...))
}

// full tells which limit leaves no room for a series, and takes the room if
// none does.
func (p *page) full(f *Family) (reason string) {
	switch {
	case len(p.metrics) >= p.limits.series:
		return tooMany
	case f.user && p.user >= p.limits.user:
		return tooManyUser
	case f.user:
		p.user++
	}
	return ""
}

// want puts one series on the page, or notes that its value is unknown.
func (p *page) want(f *Family, value *float64, labels ...string) {
	if value != nil {
		p.add(f, *value, labels...)
		return
	}
	all := append([]string{p.cluster}, labels...)
	p.missing[signal{f.Name, tidy(jobOf(f, all))}] = struct{}{}
}

// maybe puts one series on the page if its value is known, and takes it as
// right if it is not.
func (p *page) maybe(f *Family, value *float64, labels ...string) {
	if value != nil {
		p.add(f, *value, labels...)
	}
}

// jobOf finds the job among the values of a family's labels.
func jobOf(f *Family, labels []string) string {
	at := slices.Index(f.Labels, "job")
	if at < 0 {
		return ""
	}
	return labels[at]
}

// unknown lists the signals without a value: those of this page, or all that
// it knows of if it has been withdrawn.
func (p *page) unknown(withdrawn bool) []signal {
	all := maps.Clone(p.missing)
	if withdrawn {
		maps.Copy(all, p.shown)
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b signal) int {
		if c := strings.Compare(a.job, b.job); c != 0 {
			return c
		}
		return strings.Compare(a.name, b.name)
	})
}

// tidy makes text from outside fit to be a label's value.
func tidy(text string) string { return plaintext.Label(text, maxLabel) }
