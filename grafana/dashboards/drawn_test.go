package dashboards

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mapping is a value mapping. Options of a special one are match and result; others have a result for
// each value.
type mapping struct {
	Type    string
	Options map[string]any
}

// neutral reports whether a value that is not known has no colour.
func neutral(all []mapping) bool {
	return slices.ContainsFunc(all, func(m mapping) bool {
		result, _ := m.Options["result"].(map[string]any)
		return m.Type == "special" && m.Options["match"] == "null+nan" && result["color"] == "transparent"
	})
}

// coloured reports whether one of the mappings gives a value a colour.
func coloured(all []mapping) bool {
	return slices.ContainsFunc(all, func(m mapping) bool {
		for _, result := range m.Options {
			if r, is := result.(map[string]any); is && r["color"] != nil && m.Type == "value" {
				return true
			}
		}
		return false
	})
}

// column is how a table draws a column that has an override.
type column struct {
	name               string
	colours, threshold bool
	mappings           []mapping
}

func columns(t *testing.T, p panel) (all []column) {
	t.Helper()
	for _, o := range p.FieldConfig.Overrides {
		c := column{name: fmt.Sprint(o.Matcher.Options)}
		for _, property := range o.Properties {
			switch property.ID {
			case "custom.cellOptions":
				kind, _ := property.Value.(map[string]any)["type"].(string)
				c.colours = strings.HasPrefix(kind, "color-")
			case "thresholds":
				c.threshold = true
			case "mappings":
				text, err := json.Marshal(property.Value)
				require.NoError(t, err)
				require.NoError(t, json.Unmarshal(text, &c.mappings))
			}
		}
		all = append(all, c)
	}
	return all
}

// TestUnknownHasNoColour: Grafana gives what is not known the colour of the least threshold, be it the
// green of "nothing is wrong" or the red of "less than an hour".
func TestUnknownHasNoColour(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			if p.Type == "stat" && p.Options.ColorMode != "none" {
				checked++
				require.True(t, neutral(p.FieldConfig.Defaults.Mappings), "%s: %s", b.file, p.Title)
			}
			if p.Type != "table" {
				continue
			}
			for _, c := range columns(t, p) {
				if c.colours && c.threshold {
					checked++
					require.True(t, neutral(c.mappings), "%s: %s, column %s", b.file, p.Title, c.name)
				}
				require.True(t, c.colours || !coloured(c.mappings),
					"%s: %s, column %s: a cell shows a colour by custom.cellOptions only", b.file, p.Title, c.name)
			}
		}
	}
	require.Greater(t, checked, 20)
}

// TestStatesAreBars: lines of 0 and 1 cover each other.
func TestStatesAreBars(t *testing.T) {
	t.Parallel()
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			most := p.FieldConfig.Defaults.Max
			isState := p.Type == "timeseries" && p.FieldConfig.Defaults.Unit == "none" && most != nil && *most <= 1
			require.False(t, isState, "%s: %s is a state: draw it as a state-timeline", b.file, p.Title)
		}
	}
}

// TestNoHoles: panels fill the width of a dashboard.
func TestNoHoles(t *testing.T) {
	t.Parallel()
	for _, b := range boards(t) {
		width := map[int]int{}
		for _, p := range b.Panels {
			for y := range p.GridPos.H {
				width[p.GridPos.Y+y] += p.GridPos.W
			}
		}
		for y, w := range width {
			require.Equal(t, 24, w, "%s: row %d", b.file, y)
		}
	}
}
