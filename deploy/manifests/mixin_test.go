package manifests

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-jsonnet"
	"github.com/stretchr/testify/require"
)

// mixin are the parts that tools of mixins take.
type mixin struct {
	Alerts, Rules struct {
		Groups []struct {
			Name  string
			Rules []struct {
				Alert, Record, Expr string
				Annotations         map[string]string
			}
		}
	}
	Boards map[string]struct{ UID, Title string }
}

// TestMixinEvaluates evaluates the mixin as jsonnet-bundler installs it: its directory alone, with
// another place of the runbooks and of the page.
func TestMixinEvaluates(t *testing.T) {
	vendored := t.TempDir()
	require.NoError(t, os.CopyFS(vendored, os.DirFS("../mixin")))
	vm := jsonnet.MakeVM()
	vm.Importer(&jsonnet.FileImporter{JPaths: []string{vendored}})
	text, err := vm.EvaluateAnonymousSnippet("mixin.jsonnet", `
		local m = (import 'mixin.libsonnet') + {_config+:: {runbookURL: 'https://wiki.example/', externalURL: 'https://flink.example/'}};
		{alerts: m.prometheusAlerts, rules: m.prometheusRules, boards: m.grafanaDashboards}`)
	require.NoError(t, err)
	var got mixin
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	alerts := 0
	for _, group := range got.Alerts.Groups {
		for _, rule := range group.Rules {
			alerts++
			require.NotEmpty(t, rule.Expr, rule.Alert)
			require.True(t, strings.HasPrefix(rule.Annotations["runbook_url"], "https://wiki.example/"), rule.Alert)
		}
	}
	require.GreaterOrEqual(t, alerts, 12)
	require.NotEmpty(t, got.Rules.Groups)
	require.NotEmpty(t, got.Rules.Groups[0].Rules[0].Record)

	files, err := filepath.Glob("../../grafana/dashboards/*.json")
	require.NoError(t, err)
	require.Len(t, got.Boards, len(files))
	uids := map[string]bool{}
	for name, board := range got.Boards {
		require.NotEmpty(t, board.Title, name)
		uids[board.UID] = true
	}
	require.Len(t, uids, len(files))
	require.NotContains(t, text, "127.0.0.1:8642")
	require.Equal(t, len(files), strings.Count(text, `"query": "https://flink.example"`), "the variable of the page")
}
