package dashboards

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// exception lets something break a rule, for a reason. where is a part of what the rule
// says; an exception that nothing needs is a fault.
type exception struct{ rule, where, reason string }

var exceptions = []exception{
	{
		"template-instance", "", "values of Flink belong to clusters and jobs: which sidecar reads them is no question. " +
			"The dashboard of the probe has the variable, because the probe's metrics have neither",
	},
	{"target-instance", "", "as template-instance"},
	{
		"template-datasource", "changes.json", "the rule's names for two data sources would give the Prometheus another " +
			"variable than on the other dashboards, and links keep variables",
	},
	{
		"target-rate-interval", "end-to-end.json: Burn of the", "the windows of a burn rate are part of its definition",
	},
	{
		"target-counter-agg", "annotation Restarts", "increase() of windows that follow each other misses what happens " +
			"between the last sample of one and the first of the next; each restart is one annotation",
	},
	{
		"target-counter-agg", "How often the rules were right E", "the series of a rule begin with its first true alert, " +
			"which increase() does not count",
	},
}

// TestLinter holds the dashboards to the rules of https://github.com/grafana/dashboard-linter,
// which is no library, under the names that it has for them.
func TestLinter(t *testing.T) {
	t.Parallel()
	used := map[exception]bool{}
	for _, b := range boards(t) {
		for _, rule := range linter {
			for _, fault := range rule.check(t, b) {
				fault = b.file + ": " + fault
				at := slices.IndexFunc(exceptions, func(e exception) bool {
					return e.rule == rule.name && strings.Contains(fault, e.where)
				})
				require.GreaterOrEqual(t, at, 0, "%s: %s", rule.name, fault)
				used[exceptions[at]] = true
			}
		}
	}
	for _, e := range exceptions {
		require.NotEmpty(t, e.reason)
		require.True(t, used[e], "no dashboard needs the exception %v: remove it", e)
	}
}

var linter = []struct {
	name  string
	check func(*testing.T, board) []string
}{
	{"template-datasource", templateDatasource},
	{"template-job", templateOf("job")},
	{"template-instance", templateOf("instance")},
	{"template-uneditable", templateUneditable},
	{"template-on-time-change-reload", templateReloads},
	{"panel-datasource", panelDatasource},
	{"panel-title-description", panelTitle},
	{"panel-units", panelUnits},
	{"panel-no-targets", panelTargets},
	{"target-rate-interval", targetRateInterval},
	{"target-counter-agg", targetCounter},
	{"target-job", targetMatches("job")},
	{"target-instance", targetMatches("instance")},
	{"target-standby", targetOnce}, // a rule of ours
}

func (b board) variable(name string) (variable, bool) {
	at := slices.IndexFunc(b.Templating.List, func(v variable) bool { return v.Name == name })
	if at < 0 {
		return variable{}, false
	}
	return b.Templating.List[at], true
}

func templateDatasource(_ *testing.T, b board) (faults []string) {
	v, _ := b.variable("datasource")
	if v.Type != "datasource" || v.Query != "prometheus" || v.Label != "Data source" {
		faults = append(faults, "has no variable datasource for a Prometheus")
	}
	if _, two := b.variable("history"); two {
		faults = append(faults, "has two data sources, and names neither by its type")
	}
	return faults
}

func templateOf(name string) func(*testing.T, board) []string {
	return func(_ *testing.T, b board) (faults []string) {
		v, found := b.variable(name)
		if !found {
			return []string{"has no variable " + name}
		}
		if v.Type != "query" || v.Datasource.UID != "${datasource}" || !v.Multi || !v.IncludeAll || v.AllValue != ".+" ||
			!strings.HasPrefix(v.Query, "label_values(") {
			faults = append(faults, "the variable "+name+" does not offer all values of the label")
		}
		return faults
	}
}

func templateUneditable(_ *testing.T, b board) (faults []string) {
	if b.Editable {
		faults = append(faults, "is editable")
	}
	return faults
}

func templateReloads(_ *testing.T, b board) (faults []string) {
	for _, v := range b.Templating.List {
		if v.Type == "query" && v.Refresh != 2 {
			faults = append(faults, "the variable "+v.Name+" is not read again when the time range changes")
		}
	}
	return faults
}

func panelDatasource(_ *testing.T, b board) (faults []string) {
	for _, p := range b.panels() {
		for _, s := range append([]source{p.Datasource}, sourcesOf(p)...) {
			if s.UID != "${datasource}" && s.UID != "${history}" {
				faults = append(faults, p.Title+" has the data source "+s.UID)
			}
		}
	}
	return faults
}

func sourcesOf(p panel) (all []source) {
	for _, t := range p.Targets {
		all = append(all, t.Datasource)
	}
	return all
}

func panelTitle(_ *testing.T, b board) (faults []string) {
	for _, p := range b.panels() {
		if p.Title == "" || !strings.HasSuffix(p.Description, ".") {
			faults = append(faults, fmt.Sprintf("panel %d (%s) has no title, or no description of whole sentences", p.ID, p.Title))
		}
	}
	return faults
}

// units are those of Grafana that fit the base units of our metrics.
var units = []string{"none", "short", "percentunit", "s", "bytes", "recps"}

func panelUnits(_ *testing.T, b board) (faults []string) {
	for _, p := range b.panels() {
		if !slices.Contains(units, p.FieldConfig.Defaults.Unit) {
			faults = append(faults, fmt.Sprintf("%s has the unit %q", p.Title, p.FieldConfig.Defaults.Unit))
		}
	}
	return faults
}

func panelTargets(_ *testing.T, b board) (faults []string) {
	for _, p := range b.panels() {
		if len(p.Targets) == 0 {
			faults = append(faults, p.Title+" asks nothing")
		}
	}
	return faults
}

// calls are the calls of functions in a query, with their text.
func (q query) calls(t *testing.T, names ...string) (all []*parser.Call) {
	t.Helper()
	parser.Inspect(q.parsed(t), func(node parser.Node, _ []parser.Node) error {
		if c, ok := node.(*parser.Call); ok && slices.Contains(names, c.Func.Name) {
			all = append(all, c)
		}
		return nil
	})
	return all
}

func targetRateInterval(t *testing.T, b board) (faults []string) {
	for _, q := range b.queries() {
		// $__rate_interval and $__range stand for 5m and 3h here, which nothing else uses.
		for _, c := range q.calls(t, "rate", "irate", "increase", "deriv", "delta") {
			window := windowOf(c.Args[0]).String()
			whole := c.Func.Name == "increase" && window == "3h0m0s"
			if window != "5m0s" && !whole {
				faults = append(faults, fmt.Sprintf("%s has a window of %s", q.where, window))
			}
		}
	}
	return faults
}

// windowOf is the range of an argument.
func windowOf(arg parser.Expr) time.Duration {
	switch e := arg.(type) {
	case *parser.MatrixSelector:
		return e.Range
	case *parser.SubqueryExpr:
		return e.Range
	}
	return 0
}

// targetCounter: a counter is read by its rate or its increase, never as it is.
func targetCounter(t *testing.T, b board) (faults []string) {
	for _, q := range b.queries() {
		all := 0
		for _, s := range q.selectors(t) {
			for _, end := range []string{"_total", "_bucket", "_sum", "_count"} {
				if strings.HasSuffix(s.Name, end) {
					all++
				}
			}
		}
		if len(q.calls(t, "rate", "irate", "increase")) != all {
			faults = append(faults, q.where+" reads a counter as a gauge")
		}
	}
	return faults
}

// targetMatches: a query asks for what the variable selects, where its metric has the label.
func targetMatches(label string) func(*testing.T, board) []string {
	return func(t *testing.T, b board) (faults []string) {
		known := metrics(t)
		for _, q := range b.queries() {
			for _, s := range q.selectors(t) {
				has := slices.Contains(known[s.Name], label) || label == "instance"
				if has && !matches(s, label) {
					faults = append(faults, q.where+" has no matcher for "+label)
				}
			}
		}
		return faults
	}
}

func matches(s *parser.VectorSelector, label string) bool {
	for _, m := range s.LabelMatchers {
		if m.Name == label {
			return true
		}
	}
	return false
}
