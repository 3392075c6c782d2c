//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana/dashboards"
)

// onlyWhen are the queries that a healthy stack of a few minutes need not answer, by the file
// and the panel of the dashboard, and by the query's letter where the others must answer.
var onlyWhen = map[string]string{
	"fleet.json: What is wrong now":                "something is wrong",
	"fleet.json: Jobs, the worst first H":          "a trend line approaches its limit",
	"fleet.json: Restarts of the ten":              "a job restarts",
	"job.json: Wrong now":                          "something is wrong",
	"job.json: Bottleneck":                         "a vertex limits the job",
	"job.json: First root exception":               "an exception was thrown",
	"job.json: Watermark lag":                      "the job has event time",
	"job.json: Skew of the busiest vertex":         "the subtasks of the busiest vertex were read, and had something to do",
	"job.json: What the CPU does":                  "a profile was taken",
	"forecast.json: Next breach":                   "a trend line approaches its limit",
	"forecast.json: Trends, the soonest breach":    "a trend has enough samples and approaches its limit",
	"forecast.json: Time to breach":                "a trend line approaches its limit",
	"forecast.json: Trends that fire, over time":   "a trend fires",
	"forecast.json: How often the rules":           "an alert of a trend was right or wrong",
	"forecast.json: What to change first":          "advice was given",
	"forecast.json: Input reaches":                 "a scale test searched for the rate, and the input grows",
	"forecast.json: Alerts received":               "an alert came",
	"forecast.json: Cost of profiles":              "a profile was taken",
	"end-to-end.json: Latency by hop, 99 of 100 B": "no sink has a stamp, and the source's offsets bound the hop",
	"end-to-end.json: Latency by hop, median B":    "no sink has a stamp, and the source's offsets bound the hop",
	"end-to-end.json: Sustainable rate":            "a scale test searched for it",
	"changes.json: What changed?":                  "a scale test was run",
	"changes.json: What came of advice":            "a finding was applied",
	"changes.json: Large regressions":              "the job was evaluated",
	"changes.json: Change points to look at":       "there are enough standing measurements",
	"changes.json: Episodes that ended":            "an episode ended",
	"changes.json: Profiles":                       "a profile was asked for",
	"changes.json: What the CPU does":              "a profile was taken",
	"annotation Restarts":                          "the job restarts",
}

// asked is one query of a dashboard, with values for Grafana's variables.
type asked struct{ where, expr string }

var variables = strings.NewReplacer("$__rate_interval", "1m", "$__range", "5m", "$__interval", "15s", "${__from}", "0", "$slo", "0.99",
	"$cluster", ".+", "$job", ".+", "$vertex", ".+", "$instance", ".+")

// labelValues matches the query of a variable.
var labelValues = regexp.MustCompile(`^label_values\((.+), (\w+)\)$`)

// dashboardQueries are those of all dashboards that ask Prometheus: of panels, annotations and variables.
func dashboardQueries(t *testing.T) (all []asked) {
	t.Helper()
	boards, err := dashboards.For(dashboards.Target{})
	require.NoError(t, err)
	for file, text := range boards {
		var board struct {
			Annotations struct{ List []struct{ Name, Expr string } }
			Templating  struct {
				List []struct{ Name, Type, Query string }
			}
			Panels []struct {
				Title   string
				Targets []struct{ RefID, Expr string }
			}
		}
		require.NoError(t, json.Unmarshal(text, &board), file)
		for _, p := range board.Panels {
			for _, q := range p.Targets {
				all = append(all, asked{fmt.Sprintf("%s: %s %s", file, p.Title, q.RefID), variables.Replace(q.Expr)})
			}
		}
		for _, v := range board.Templating.List {
			if v.Type != "query" {
				continue
			}
			part := labelValues.FindStringSubmatch(v.Query)
			require.NotNil(t, part, "%s: the variable %s asks %s", file, v.Name, v.Query)
			// A series without the label has nothing to offer.
			offered := fmt.Sprintf("group by (%s) (%s) unless group(%s)", part[2], part[1], part[1])
			all = append(all, asked{fmt.Sprintf("%s: variable %s", file, v.Name), variables.Replace(offered)})
		}
		for _, a := range board.Annotations.List {
			if a.Expr != "" {
				all = append(all, asked{"annotation " + a.Name, variables.Replace(a.Expr)})
			}
		}
	}
	return all
}

// testDashboards asks the real Prometheus what the dashboards would. Each query is
// understood, and each has an answer or is one of those that need something to happen.
func testDashboards(t *testing.T, s *stack, sc *sidecar) {
	require.NotEmpty(t, s.Prometheus, "the stack runs without Prometheus")
	s.scrape(t, sc.url)
	queries := dashboardQueries(t)
	require.Greater(t, len(queries), 100)
	begun, silent := time.Now(), []string(nil)
	eventually(t, 90*time.Second, "the dashboards have data", func() error {
		silent = nil
		for _, q := range queries {
			if n, err := s.ask(t, q.expr); err != nil {
				return fatal{fmt.Errorf("%s: %w", q.where, err)}
			} else if n == 0 {
				silent = append(silent, q.where)
			}
		}
		return unexcused(silent)
	})
	t.Logf("%d queries answered within %s; without data now: %q", len(queries), time.Since(begun), silent)
}

// unexcused is an error that names the queries that should have data.
func unexcused(silent []string) error {
	var without []string
	for _, where := range silent {
		if !excused(where) {
			without = append(without, where)
		}
	}
	if len(without) == 0 {
		return nil
	}
	return errors.New("no data: " + strings.Join(without, "; "))
}

func excused(where string) bool {
	for begins := range onlyWhen {
		if strings.HasPrefix(where, begins) {
			return true
		}
	}
	return false
}

// ask returns how many series an instant query has.
func (s *stack) ask(t *testing.T, expr string) (int, error) {
	t.Helper()
	resp, err := get(t, s.Prometheus+"/api/v1/query?"+url.Values{"query": {expr}}.Encode())
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct {
		Status, Error string
		Data          struct{ Result []json.RawMessage }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return 0, err
	}
	if answer.Status != "success" {
		return 0, errors.New(answer.Error)
	}
	return len(answer.Data.Result), nil
}
