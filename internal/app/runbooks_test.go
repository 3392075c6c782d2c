package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/promrules"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/trouble"
)

// TestEveryAlertHasARunbook compares the alerts of the rules and of troubles with the pages.
func TestEveryAlertHasARunbook(t *testing.T) {
	t.Parallel()
	want := map[string]bool{"README": true}
	c := alerts.DefaultConfig()
	off := false
	for _, name := range alerts.ShippedNames() {
		c.Rules = append(c.Rules, alerts.RuleConfig{Name: name, Disabled: &off})
	}
	for _, group := range promrules.Render(c, episode.JobRef{}).Groups {
		for _, r := range group.Rules {
			if page, ours := strings.CutPrefix(r.Annotations["runbook_url"], alerts.Runbooks); ours {
				want[strings.TrimSuffix(page, ".md")] = true
			}
		}
	}
	for _, kind := range trouble.Kinds() {
		url := alertOf(trouble.News{Trouble: trouble.Trouble{Kind: kind, Subject: "kafka"}}).Runbook
		page, ours := strings.CutPrefix(url, alerts.Runbooks)
		require.True(t, ours, kind)
		want[strings.TrimSuffix(page, ".md")] = true
	}
	pages, err := filepath.Glob("../../docs/runbooks/*.md")
	require.NoError(t, err)
	index, err := os.ReadFile("../../docs/runbooks/README.md")
	require.NoError(t, err)
	have := map[string]bool{}
	for _, path := range pages {
		name := strings.TrimSuffix(filepath.Base(path), ".md")
		have[name] = true
		if name == "README" {
			continue
		}
		require.Contains(t, string(index), "- ["+name+"]("+name+".md)\n")
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, heading := range []string{"# " + name + "\n", "## Meaning", "## How to look", "## What to do"} {
			require.Contains(t, string(text), heading, path)
		}
	}
	require.Equal(t, want, have)
}
