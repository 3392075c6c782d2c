package dashboards

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// board is the part of a dashboard that the tests read.
type board struct {
	file          string
	UID           string
	Title         string
	Description   string
	Tags          []string
	SchemaVersion int
	Editable      bool
	Links         []struct{ URL string }
	Annotations   struct{ List []annotation }
	Templating    struct{ List []variable }
	Panels        []panel
}

type source struct{ Type, UID string }

type annotation struct {
	Name, Expr string
	Datasource source
	Enable     bool
	Target     struct {
		Type string
		Tags []string
	}
	UseValueForTime bool
}

type variable struct {
	Name, Label, Type, AllValue string
	Query                       string
	Datasource                  source
	Refresh                     int
	Multi, IncludeAll           bool
}

type panel struct {
	ID                       int
	Title, Description, Type string
	// Interval is the least distance of two points.
	Interval    string
	Datasource  source
	GridPos     struct{ X, Y, W, H int }
	FieldConfig struct {
		Defaults struct {
			Unit, NoValue string
			Max, Decimals *float64
			Mappings      []mapping
		}
		Overrides []struct {
			Matcher    struct{ Options any }
			Properties []struct {
				ID    string
				Value any
			}
		}
	}
	Options struct{ ColorMode string }
	Targets []target
	Panels  []panel
}

type target struct {
	RefID, Expr string
	Legend      string `json:"legendFormat"`
	Datasource  source
	QueryType   string
	Exemplar    bool
}

// boards are all dashboards, sorted by file.
func boards(t *testing.T) []board {
	t.Helper()
	texts, err := For(Target{})
	require.NoError(t, err)
	var all []board
	for _, file := range slices.Sorted(maps.Keys(texts)) {
		b := board{file: file}
		require.NoError(t, json.Unmarshal(texts[file], &b), file)
		all = append(all, b)
	}
	require.Len(t, all, 5)
	return all
}

// panels are those of a dashboard without its rows.
func (b board) panels() (all []panel) {
	for _, p := range b.Panels {
		if p.Type == "row" {
			all = append(all, p.Panels...)
			continue
		}
		all = append(all, p)
	}
	return all
}

// query is one expression of a dashboard, and where it is.
type query struct {
	board, where, expr string
}

func (q query) String() string { return q.board + ": " + q.where }

// queries are the expressions of the panels and of the annotations.
func (b board) queries() (all []query) {
	for _, p := range b.panels() {
		for _, t := range p.Targets {
			if t.Datasource.UID == "${history}" {
				continue // no PromQL: a test below holds these
			}
			all = append(all, query{board: b.file, where: fmt.Sprintf("%s %s", p.Title, t.RefID), expr: t.Expr})
		}
	}
	for _, a := range b.Annotations.List {
		if a.Expr != "" {
			all = append(all, query{board: b.file, where: "annotation " + a.Name, expr: a.Expr})
		}
	}
	return all
}

// asPrometheus puts values in the place of Grafana's variables.
var asPrometheus = strings.NewReplacer("$__rate_interval", "5m", "$__range", "3h", "$__interval", "1m",
	"${__from}", "0", "$slo", "0.99",
	"$cluster", ".+", "$job", ".+", "$vertex", ".+", "$instance", ".+")

func (q query) parsed(t *testing.T) parser.Expr {
	t.Helper()
	expr, err := parser.ParseExpr(asPrometheus.Replace(q.expr))
	require.NoError(t, err, "%s: %s", q, q.expr)
	return expr
}

// selectors are the selectors of series in a query.
func (q query) selectors(t *testing.T) (all []*parser.VectorSelector) {
	t.Helper()
	parser.Inspect(q.parsed(t), func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			all = append(all, s)
		}
		return nil
	})
	return all
}
