package dashboards

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// metricRow matches a row of the tables of docs/metrics.md, which another test holds true.
var metricRow = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| ([^|]*) \\| ")

// metrics are the labels of every series that a sidecar has, by name.
func metrics(t *testing.T) map[string][]string {
	t.Helper()
	doc, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	known := map[string][]string{}
	for _, row := range metricRow.FindAllStringSubmatch(string(doc), -1) {
		name, labels := row[1], strings.Split(row[3], ", ")
		if row[2] != "histogram" {
			known[name] = labels
			continue
		}
		known[name+"_sum"], known[name+"_count"] = labels, labels
		known[name+"_bucket"] = append(slices.Clone(labels), "le")
	}
	require.Greater(t, len(known), 200)
	return known
}

// TestQueriesAskForWhatThereIs: every metric of a query is on the page, with the labels that
// the query names.
func TestQueriesAskForWhatThereIs(t *testing.T) {
	t.Parallel()
	known := metrics(t)
	for _, b := range boards(t) {
		for _, q := range b.queries() {
			for _, s := range q.selectors(t) {
				labels, found := known[s.Name]
				require.True(t, found, "%s asks for %s, which docs/metrics.md does not list", q, s.Name)
				for _, m := range s.LabelMatchers {
					// Prometheus adds the address that it scraped.
					require.True(t, m.Name == "__name__" || m.Name == "instance" || slices.Contains(labels, m.Name),
						"%s: %s has no label %s", q, s.Name, m.Name)
				}
			}
		}
	}
}

// labelValues matches the query of a variable.
var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// TestVariables: a variable offers the values of a label that its metric has.
func TestVariables(t *testing.T) {
	t.Parallel()
	known := metrics(t)
	for _, b := range boards(t) {
		for _, v := range b.Templating.List {
			if v.Type != "query" {
				continue
			}
			asked := labelValues.FindStringSubmatch(v.Query)
			require.NotNil(t, asked, "%s: %s asks %s", b.file, v.Name, v.Query)
			for _, s := range (query{b.file, "variable " + v.Name, asked[1]}).selectors(t) {
				labels, found := known[s.Name]
				require.True(t, found, "%s asks for %s, which docs/metrics.md does not list", v.Name, s.Name)
				require.True(t, asked[2] == "instance" || slices.Contains(labels, asked[2]), "%s has no label %s", s.Name, asked[2])
			}
		}
	}
}

// TestLegends: a legend names labels that the result has.
func TestLegends(t *testing.T) {
	t.Parallel()
	texts, err := For(Target{})
	require.NoError(t, err)
	for file, text := range texts {
		var b struct {
			Panels []struct {
				Title   string
				Targets []struct{ Expr, LegendFormat string }
			}
		}
		require.NoError(t, json.Unmarshal(text, &b), file)
		for _, p := range b.Panels {
			for _, target := range p.Targets {
				for _, named := range regexp.MustCompile(`{{(\w+)}}`).FindAllStringSubmatch(target.LegendFormat, -1) {
					require.True(t, hasLabel(t, target.Expr, named[1]), "%s: %s: the result has no label %s", file, p.Title, named[1])
				}
			}
		}
	}
}

// hasLabel: the label is that of a metric in the expression, and no aggregation drops it.
func hasLabel(t *testing.T, expr, label string) bool {
	t.Helper()
	if by := regexp.MustCompile(`^\w+ by \(([^)]*)\)`).FindStringSubmatch(expr); by != nil {
		return slices.Contains(strings.Split(by[1], ", "), label)
	}
	known := metrics(t)
	for _, s := range (query{expr: expr}).selectors(t) {
		if label == "instance" || slices.Contains(known[s.Name], label) {
			return true
		}
	}
	return false
}

// TestBoards holds what Grafana needs of a file, and what a reader does.
func TestBoards(t *testing.T) {
	t.Parallel()
	all := boards(t)
	for _, b := range all {
		require.Equal(t, "flink-sidecar-"+strings.TrimSuffix(b.file, ".json"), b.UID)
		require.LessOrEqual(t, b.SchemaVersion, 42, b.file)
		require.LessOrEqual(t, len(b.panels()), 20, b.file)
		require.NotEmpty(t, b.Description, b.file)
		require.Contains(t, b.Tags, "flink-sidecar")
		requirePlaced(t, b)
		requireVariablesUsed(t, b)
		requireWired(t, b, all)
	}
}

// requirePlaced: panels have an id of their own, fit the 24 columns and do not overlap.
func requirePlaced(t *testing.T, b board) {
	t.Helper()
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range b.Panels {
		require.False(t, ids[p.ID], "%s: two panels have the id %d", b.file, p.ID)
		ids[p.ID] = true
		require.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, "%s: %s", b.file, p.Title)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				cell := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				require.Empty(t, taken[cell], "%s: %s covers it", b.file, p.Title)
				taken[cell] = p.Title
			}
		}
	}
}

// requireVariablesUsed: each variable is there to be used, and none is used that is not there.
func requireVariablesUsed(t *testing.T, b board) {
	t.Helper()
	texts, err := For(Target{})
	require.NoError(t, err)
	text := string(texts[b.file])
	for _, v := range b.Templating.List {
		require.Regexp(t, `\$(\{`+v.Name+`\b|`+v.Name+`\b)`, text, "%s: nothing uses %s", b.file, v.Name)
	}
	for _, used := range regexp.MustCompile(`\$\{?([a-z]\w*)`).FindAllStringSubmatch(text, -1) {
		_, found := b.variable(used[1])
		require.True(t, found, "%s uses the variable %s, which it does not have", b.file, used[1])
	}
}

// requireWired: links lead to every other dashboard and to the evidence, and the sidecar's
// annotations are shown.
func requireWired(t *testing.T, b board, all []board) {
	t.Helper()
	var urls []string
	for _, l := range b.Links {
		urls = append(urls, l.URL)
	}
	require.Contains(t, urls, "${sidecar:raw}/episodes")
	for _, other := range all {
		if other.UID != b.UID {
			require.Contains(t, urls, "/d/"+other.UID)
		}
	}
	require.True(t, slices.ContainsFunc(b.Annotations.List, func(a annotation) bool {
		return a.Name == "Episodes" && a.Enable && a.Datasource.UID == "-- Grafana --"
	}), b.file)
}

// kind matches a line of the plugin's list of queries.
var kind = regexp.MustCompile(`(?m)^\t"(\w+)": +\w+,$`)

// TestPluginsRow: what needs the plugin is in one row, closed, and asks for what the plugin has.
func TestPluginsRow(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../plugin/pkg/plugin/datasource.go")
	require.NoError(t, err)
	var kinds []string
	for _, found := range kind.FindAllStringSubmatch(string(source), -1) {
		kinds = append(kinds, found[1])
	}
	require.Contains(t, kinds, "flamegraph")
	rows := 0
	for _, b := range boards(t) {
		for _, p := range b.Panels {
			require.NotEqual(t, "${history}", p.Datasource.UID, "%s: %s is in no row", b.file, p.Title)
			for _, inner := range p.Panels {
				rows++
				require.Equal(t, "${history}", inner.Datasource.UID)
				require.Contains(t, kinds, inner.Targets[0].QueryType, inner.Title)
			}
		}
	}
	require.Positive(t, rows)
}

// TestTarget: the files select the data source and lead to the page that they are written for.
func TestTarget(t *testing.T) {
	t.Parallel()
	const page = `https://flink.example/"quoted"`
	texts, err := For(Target{DataSource: "main", Page: page})
	require.NoError(t, err)
	for file, text := range texts {
		var b struct {
			Templating struct {
				List []struct {
					Name    string
					Current struct{ Value any }
				}
			}
		}
		require.NoError(t, json.Unmarshal(text, &b), file)
		selected := map[string]any{}
		for _, v := range b.Templating.List {
			selected[v.Name] = v.Current.Value
		}
		require.Equal(t, "main", selected["datasource"], file)
		require.Equal(t, page, selected["sidecar"], file)
		require.NotContains(t, string(text), defaultPage, file)
	}
}
