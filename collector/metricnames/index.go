package metricnames

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Spec is the mapping of one of Flink's vertex metrics: Flink's name, and one family for
// each way in which the values of the subtasks become one.
type Spec struct {
	// name is Flink's name of a task's metric or, for an operator's metric, the part
	// after the operator and a dot.
	name string
	// rank says how early the name is read where not all names of a vertex fit into one
	// request.
	rank rank
	into []Output
}

// rank orders names by how important they are.
type rank int

const (
	core     rank = iota // shares of time, and what derived metrics need
	standard             // the rest of what Flink says of every task and operator
	wide                 // metrics per partition, state or client
	own                  // what the user asked for
)

// Output is one family that a metric feeds.
type Output struct {
	family *Family
	// over makes one value of those of the subtasks.
	over func(subtasks) float64
	// unit is how many of Flink's units make one of ours.
	unit float64
}

// subtasks is what the subtasks of a vertex reported under one name.
type subtasks = flink.Aggregate

// The ways to make one value of those of the subtasks.
func sum(s subtasks) float64   { return s.Sum }
func mean(s subtasks) float64  { return s.Avg }
func most(s subtasks) float64  { return s.Max }
func least(s subtasks) float64 { return s.Min }

// lag is the greatest value, where -1 means that there is none yet: lags of sources
// before their first record, or of records without a timestamp.
func lag(s subtasks) float64 {
	if s.Max == -1 {
		return math.NaN()
	}
	return s.Max
}

// value converts an answer. ok is false for the numbers by which Flink says that there is
// none yet: NaN, and the ends of the range of a long.
func (in Output) value(s subtasks) (value float64, ok bool) {
	value = in.over(s)
	return value / in.unit, math.Abs(value) < NoLong
}

// NoLong is where Flink's "no watermark yet" (the least long) and "no more records" (the
// greatest) begin. No time, count or size comes near it.
const NoLong = 9e18

// Wanted is a name that Flink lists for a vertex and that the collector reads.
type Wanted struct {
	Name string
	*Spec
	// labels are the values of the families' labels after those of the vertex: the
	// operator, and what else the name holds.
	labels []string
}

// Index finds the mapping of each of Flink's names: the built-in ones, and those of the user's rules.
type Index struct {
	*builtIn

	User *userRules
}

// NewIndex joins all built-in metrics and the user's rules.
func NewIndex(user []UserMetric) *Index { return &Index{builtIns(), NewUserRules(user)} }

// builtIns are the same for every cluster, and are never changed.
var builtIns = sync.OnceValue(newBuiltIn)

// builtIn is the mapping of the metrics that need no rule of the user.
type builtIn struct {
	task, operator map[string]*Spec
	// source is of the operators of sources alone.
	source   map[string]*Spec
	patterns []pattern
	// Families are those of the built-in metrics, in the order of the tables.
	Families []*Family
}

// pattern is a set of names that hold more than an operator and a metric: a partition, a
// state, a gate.
type pattern struct {
	// match finds the values of the labels and at last the key in readings.
	match    *regexp.Regexp
	readings map[string]*Spec
}

func newBuiltIn() *builtIn {
	b := &builtIn{task: map[string]*Spec{}, operator: map[string]*Spec{}, source: map[string]*Spec{}}
	b.addTo(b.source, sourceRateSpecs())
	b.addTo(b.task, taskSpecs())
	b.addTo(b.operator, slices.Concat(operatorSpecs(), sourceSpecs(), sinkSpecs()))
	b.addPattern(`(?:.*\.)?(\d+)\.([^.]+)`, gateSpecs())
	b.addPattern(`([^.]+)\.KafkaSourceReader\.topic\.(.+)\.partition\.(\d+)\.([^.]+)`, partitionSpecs())
	b.addPattern(`([^.]+)\.(?:column_family\.)?([^.]+)\.(?:rocksdb|forst)[._]([^.]+)`, stateSpecs())
	return b
}

func (b *builtIn) addTo(names map[string]*Spec, readings []Spec) {
	for _, r := range readings {
		names[r.name] = &r
		b.list(r)
	}
}

func (b *builtIn) addPattern(match string, readings []Spec) {
	p := pattern{match: regexp.MustCompile(`^` + match + `$`), readings: map[string]*Spec{}}
	b.addTo(p.readings, readings)
	b.patterns = append(b.patterns, p)
}

// list keeps the families in the order of the tables. Two names may feed one family where
// Flink renamed a metric.
func (b *builtIn) list(r Spec) {
	for _, in := range r.into {
		if !slices.Contains(b.Families, in.family) {
			b.Families = append(b.Families, in.family)
		}
	}
}

// find returns the mapping of a name that Flink lists; ok is false if there is none.
// Operators' names hold no dot: Flink replaces it.
func (h *Index) find(name string) (w Wanted, ok bool) {
	if r, ours := h.task[name]; ours {
		return Wanted{Name: name, Spec: r}, true
	}
	operator, rest, _ := strings.Cut(name, ".")
	if r, ours := h.source[rest]; ours && strings.HasPrefix(name, SourcePrefix) {
		return Wanted{Name: name, Spec: r, labels: []string{operator}}, true
	}
	if r, ours := h.operator[rest]; ours {
		return Wanted{Name: name, Spec: r, labels: []string{operator}}, true
	}
	for _, p := range h.patterns {
		m := p.match.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		last := len(m) - 1
		if r, ours := p.readings[m[last]]; ours {
			return Wanted{Name: name, Spec: r, labels: m[1:last]}, true
		}
	}
	return h.User.Find(name)
}

// Select returns the names of a list that have a mapping, the important ones first.
func (h *Index) Select(names []string) []Wanted {
	var found []Wanted
	for _, name := range names {
		if w, ok := h.find(name); ok {
			found = append(found, w)
		}
	}
	// By name too: where there are too many, the same ones are chosen each time.
	slices.SortFunc(found, func(a, b Wanted) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), strings.Compare(a.Name, b.Name))
	})
	return slices.CompactFunc(found, func(a, b Wanted) bool { return a.Name == b.Name })
}
