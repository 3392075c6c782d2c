package cause

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// TestOnlyTheBottleneckHasARole: it alone is cited, and nothing is if no bottleneck is known.
func TestOnlyTheBottleneckHasARole(t *testing.T) {
	vertices := []evidence.Vertex{{Name: "nameless", Busy: new(0.8)}, {ID: "v", Busy: new(0.9)}, {ID: "w", Busy: new(0.85)}}
	f := Examine(&evidence.Bundle{Bottleneck: "v", Vertices: vertices}, nil)
	require.Equal(t, []string{
		"vertex nameless is busy 80.0 % of the time",
		"vertex v is busy 90.0 % of the time; it limits the job",
		"vertex w is busy 85.0 % of the time",
	}, textsOf(f))
	require.Equal(t, []string{f.Book.Entries[1].ID}, f.Cited)
	f = Examine(&evidence.Bundle{Vertices: vertices}, nil)
	require.Equal(t, "vertex nameless is busy 80.0 % of the time", textsOf(f)[0])
	require.Empty(t, f.Cited)
}

func textsOf(f *Facts) (texts []string) {
	for _, e := range f.Book.Entries {
		texts = append(texts, e.Text)
	}
	return texts
}

// TestOfEqualPlacesTheFirstInTheAlphabet is named, in whatever order they are counted.
func TestOfEqualPlacesTheFirstInTheAlphabet(t *testing.T) {
	var pairs []any
	for i := range 40 {
		pairs = append(pairs, fmt.Sprintf("com/acme/A.a%02d;com.acme.Lock", i), 7)
	}
	f := examined(nil, 0.9, evidencetest.Tasks(t, "LOCK", pairs...))
	_, _, site := f.Contended()
	require.Equal(t, Site{Method: "com.acme.A.a00", Class: "com.acme.Lock", Samples: 7, Of: 280}, site)
}
