package advisor

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// recorded is a profile from a real Flink, stored as collapsed stacks.
func recorded(t testing.TB, name, mode string) evidence.Profile {
	t.Helper()
	return evidencetest.Recorded(t, filepath.Join("testdata", name+".collapsed.gz"), name, mode)
}

func find(adv episode.Advice, category string) (episode.Finding, bool) {
	i := slices.IndexFunc(adv.Findings, func(f episode.Finding) bool { return f.Category == category })
	if i < 0 {
		return episode.Finding{}, false
	}
	return adv.Findings[i], true
}

func found(t *testing.T, adv episode.Advice, category string) episode.Finding {
	t.Helper()
	f, ok := find(adv, category)
	require.True(t, ok, "no finding %s in %v", category, adv.Findings)
	return f
}

// entry returns the text of an entry.
func entry(t *testing.T, adv episode.Advice, id string) episode.Evidence {
	t.Helper()
	for _, e := range adv.Evidence {
		if e.ID == id {
			return e
		}
	}
	require.Fail(t, "no evidence "+id)
	return episode.Evidence{}
}
