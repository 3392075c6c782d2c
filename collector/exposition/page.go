package exposition

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
)

// Limits bound a page: all its series, and those of user metrics.
type Limits struct{ Series, User int }

// signal is one metric of one job that is expected on the page; the job is
// empty for what belongs to the cluster.
type signal struct{ Name, Job string }

// Page is a set of series, built once per poll. It makes Flink's values fit for a scrape:
// labels are valid and bounded, no series appears twice, and none is NaN.
type Page struct {
	cluster  string
	limits   Limits
	user     int // how many series of user metrics there are
	series   []series
	building *building // nil once the page is complete
	// missing are the signals without a value.
	missing map[signal]struct{}
	// Dropped counts the series left out, by reason.
	Dropped map[string]int
}

// NewPage returns an empty page of a cluster; its series stay within the limits.
func NewPage(cluster string, l Limits) *Page {
	return &Page{
		limits:   l,
		cluster:  Label(cluster),
		building: newBuilding(),
		missing:  map[signal]struct{}{},
		Dropped:  map[string]int{},
	}
}

// Add puts one series on the page.
func (p *Page) Add(f *metricnames.Family, value float64, labels ...string) {
	if placeholder(f, value) {
		p.absent(f, labels)
		return
	}
	key := seriesKey{f.Name, p.building.labelsOf(f, p.cluster, labels)}
	if _, there := p.building.seen[key]; there {
		p.Dropped[metricnames.Duplicate]++
		return
	}
	if full := p.full(f); full != "" {
		p.Dropped[full]++
		return
	}
	p.building.seen[key] = struct{}{}
	p.series = append(p.series, series{f, value, key.labels.pairs})
}

// Len is the number of series.
func (p *Page) Len() int { return len(p.series) }

// Metrics are the series of the families whose name is wanted; nil wants all. The page must be complete.
func (p *Page) Metrics(wanted func(name string) bool) iter.Seq[prometheus.Metric] {
	return func(yield func(prometheus.Metric) bool) {
		for i := range p.series {
			s := &p.series[i]
			if (wanted == nil || wanted(s.family.Name)) && !yield(s) {
				return
			}
		}
	}
}

// complete frees what only [Page.Add] needs: nothing can be added afterwards.
func (p *Page) complete() *Page {
	p.building = nil
	return p
}

// absent notes that the value of a series is unknown.
func (p *Page) absent(f *metricnames.Family, labels []string) {
	all := append([]string{p.cluster}, labels...)
	p.missing[signal{f.Name, Label(jobOf(f, all))}] = struct{}{}
}

// placeholder reports whether a value only says that there is none.
func placeholder(f *metricnames.Family, value float64) bool { return value < 0 && !f.Signed() }

// full tells which limit leaves no room for a series, and takes the room if
// none does.
func (p *Page) full(f *metricnames.Family) (reason string) {
	switch {
	case p.Len() >= p.limits.Series:
		return metricnames.TooMany
	case f.User && p.user >= p.limits.User:
		return metricnames.TooManyUser
	case f.User:
		p.user++
	}
	return ""
}

// want puts one series on the page, or notes that its value is unknown.
func (p *Page) want(f *metricnames.Family, value *float64, labels ...string) {
	if value != nil {
		p.Add(f, *value, labels...)
		return
	}
	p.absent(f, labels)
}

// maybe puts one series on the page if its value is known. An unknown value is not
// reported as missing.
func (p *Page) maybe(f *metricnames.Family, value *float64, labels ...string) {
	if value != nil && !placeholder(f, *value) {
		p.Add(f, *value, labels...)
	}
}

// jobOf finds the job among the values of a family's labels.
func jobOf(f *metricnames.Family, labels []string) string {
	at := slices.Index(f.Labels, "job")
	if at < 0 {
		return ""
	}
	return labels[at]
}

// Unknown lists the signals without a value: those of this page or, if the page has been
// withdrawn, all of its signals.
func (p *Page) Unknown(withdrawn bool) []signal {
	all := maps.Clone(p.missing)
	if withdrawn {
		for i := range p.series {
			all[signal{p.series[i].family.Name, p.series[i].job()}] = struct{}{}
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b signal) int {
		if c := strings.Compare(a.Job, b.Job); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
}
