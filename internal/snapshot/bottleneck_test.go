package snapshot

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func shares(mean float64) *Share { return &Share{Mean: mean, Max: mean} }

func TestBottleneck(t *testing.T) {
	source := Vertex{ID: "source", Busy: shares(0.3), Backpressured: shares(0.7)}
	enrich := Vertex{ID: "enrich", Busy: shares(0.9), Backpressured: shares(0.05)}
	sink := Vertex{ID: "sink", Busy: shares(0.4), Backpressured: shares(0)}
	unknown := Vertex{ID: "unknown"}
	for name, test := range map[string]struct {
		vertices []Vertex
		want     string
	}{
		"the busy one": {[]Vertex{source, enrich, sink}, "enrich"},
		"not a vertex that it backpressures": {[]Vertex{
			{ID: "source", Busy: shares(0.95), Backpressured: shares(0.5)},
			sink,
		}, "sink"},
		"nearest to the source":          {[]Vertex{enrich, {ID: "other", Busy: shares(0.9)}}, "enrich"},
		"unknown is not idle":            {[]Vertex{unknown, sink}, "sink"},
		"unknown backpressure":           {[]Vertex{{ID: "a", Busy: shares(0.2)}}, "a"},
		"nothing known":                  {[]Vertex{unknown}, ""},
		"all vertices are backpressured": {[]Vertex{source}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			found, ok := Job{Vertices: test.vertices}.Bottleneck()
			require.Equal(t, test.want, found.ID)
			require.Equal(t, test.want != "", ok)
		})
	}
}
