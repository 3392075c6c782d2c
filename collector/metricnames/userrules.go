package metricnames

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// userRules map names that Flink lists to families that users name. Only the polling
// goroutine uses them.
type userRules struct {
	rules    []userRule
	Families *userFamilies
	// Refused counts, by reason, the names of the last list that match a rule and are not
	// exported.
	Refused map[string]int
}

// userFamilies are the families that names of metrics have created so far, by their own
// names without _total. Collectors that register together share them.
type userFamilies struct {
	mu   sync.Mutex
	Made map[string]Ruled
}

// Ruled is a family and the rule that created it. No other rule may fill it, because a
// family has one type and one set of labels.
type Ruled struct {
	family *Family
	name   string
	by     int
}

// MaxUserFamilies bounds the families that names of metrics can create.
const MaxUserFamilies = 1000

// userRule is a UserMetric, ready for use.
type userRule struct {
	UserMetric

	match, exclude *regexp.Regexp
	labels         []string // sorted
	over           func(subtasks) float64
}

// quantiles of a histogram that are read, by the ending of their names in Flink.
func quantiles() map[string]string {
	return map[string]string{"_median": "0.5", "_p95": "0.95", "_p99": "0.99", "_max": "1"}
}

// NewUserRules compiles valid rules.
func NewUserRules(metrics []UserMetric) *userRules {
	u := &userRules{Families: &userFamilies{Made: map[string]Ruled{}}, Refused: map[string]int{}}
	for _, m := range metrics {
		rule := userRule{UserMetric: m, match: whole(m.Match), labels: slices.Sorted(maps.Keys(m.Labels))}
		if m.Exclude != "" {
			rule.exclude = whole(m.Exclude)
		}
		standard := "sum"
		if m.Type == TypeHistogram {
			standard = "max"
		}
		rule.over = aggregates()[cmp.Or(m.Aggregate, standard)]
		u.rules = append(u.rules, rule)
	}
	return u
}

// whole compiles an expression that must match all of a text.
func whole(expression string) *regexp.Regexp { return regexp.MustCompile("^(?:" + expression + ")$") }

// Find returns the mapping of a name by the first rule that matches it.
func (u *userRules) Find(name string) (w Wanted, ok bool) {
	for i := range u.rules {
		rule := &u.rules[i]
		base, quantile, ok := rule.base(name)
		if !ok {
			continue
		}
		m := rule.match.FindStringSubmatchIndex(base)
		if m == nil || rule.exclude != nil && rule.exclude.MatchString(base) {
			continue
		}
		expand := func(template string) string { return string(rule.match.ExpandString(nil, template, base, m)) }
		family, ok := u.family(i, rule.name(expand, base))
		if !ok {
			return Wanted{}, false
		}
		into := []Output{{family, rule.over, 1 / cmp.Or(rule.Scale, 1)}}
		return Wanted{Name: name, Spec: &Spec{name, own, into}, labels: rule.values(expand, base, quantile)}, true
	}
	return Wanted{}, false
}

// base is the name that is matched with a rule's expression, and for one of a histogram's
// names its quantile. ok is false for a name that is not one of a histogram's if the rule
// is for histograms.
func (r *userRule) base(name string) (base, quantile string, ok bool) {
	if r.Type != TypeHistogram {
		return name, "", true
	}
	for ending, q := range quantiles() {
		if base, ok := strings.CutSuffix(name, ending); ok {
			return base, q, true
		}
	}
	return "", "", false
}

// name is the name of the family for a metric of Flink.
func (r *userRule) name(expand func(string) string, flinkName string) string {
	name := flinkName[strings.LastIndex(flinkName, ".")+1:]
	if r.Name != "" {
		name = expand(r.Name)
	}
	name = Mangle(name)
	for kind, ending := range map[string]string{TypeCounter: "_total", TypeMeter: "_per_second"} {
		if r.Type == kind && !strings.HasSuffix(name, ending) {
			name += ending
		}
	}
	return "flink_user_" + name
}

// values are the values of the labels after those of the vertex.
func (r *userRule) values(expand func(string) string, name, quantile string) []string {
	operator, _, found := strings.Cut(name, ".")
	if !found {
		operator = ""
	}
	values := []string{operator}
	if r.Type == TypeHistogram {
		values = append(values, quantile)
	}
	for _, label := range r.labels {
		values = append(values, expand(r.Labels[label]))
	}
	return values
}

// family returns the family of a name for the i-th rule; ok is false if another rule
// fills it, or if there are too many. In OpenMetrics the name of a counter is the part
// before its _total: that name is reserved too.
func (u *userRules) family(i int, name string) (_ *Family, ok bool) {
	u.Families.mu.Lock()
	defer u.Families.mu.Unlock()
	base := strings.TrimSuffix(name, "_total")
	if there, made := u.Families.Made[base]; made {
		ours := there.by == i && there.name == name
		if !ours {
			u.Refused[Duplicate]++
		}
		return there.family, ours
	}
	if len(u.Families.Made) >= MaxUserFamilies {
		u.Refused[TooManyUser]++
		return nil, false
	}
	rule := &u.rules[i]
	labels := []string{"operator"}
	if rule.Type == TypeHistogram {
		labels = append(labels, "quantile")
	}
	v := OfVertex{Labels: append(labels, rule.labels...)}
	kind := v.Gauge
	if rule.Type == TypeCounter {
		kind = v.Counter
	}
	family := kind(strings.TrimPrefix(name, "flink_"),
		strings.TrimSpace(rule.Help+" A metric of the job, by "+rule.Match+"."))
	family.User = true
	u.Families.Made[base] = Ruled{family: family, name: name, by: i}
	return family, true
}

// Mangle turns a name into a valid name of a metric.
func Mangle(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}
