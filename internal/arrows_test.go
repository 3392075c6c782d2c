// Package internal_test holds the arrows between packages: which of ours may
// import which. The picture is in docs/DESIGN.md; this test is what makes it
// true. An arrow that is missing here is a decision, not an oversight: change
// the table and the picture together.
package internal_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/flink-sidecar/flink-sidecar/"

// vocabulary is what every stage may import: nouns and numbers, no I/O.
var vocabulary = []string{
	"internal/episode", "internal/snapshot", "internal/series", "internal/flame",
	"internal/stat", "internal/setting", "internal/plaintext", "internal/wait", "internal/evidence",
	"internal/redact", "internal/redirect", "internal/outcome", "internal/episode/report", "internal/check",
	"internal/contact", "internal/scalerun", "internal/episode/export", "internal/lazyregexp",
}

// arrows lists, for each of our packages, the packages of ours that it may
// import besides the vocabulary. Folders below a stage belong to the stage.
// cmd/sidecar and internal/app may import all but the plugin and are left out: the
// app is where the stages meet, and offline commands import what they need directly.
var arrows = map[string][]string{
	"collector": {"internal/flink"},
	"profiling": {"internal/flink"},
	"alerts":    {},
	"synthetic": {"synthetic/account", "synthetic/clock", "synthetic/payload"},
	// What became of records, what is in them, and when: none of it knows the probe or a kind of sink.
	"synthetic/account": {"synthetic/clock"},
	"synthetic/clock":   {},
	"synthetic/payload": {},
	"advisor":           {"advisor/rules", "advisor/cause", "advisor/llm"},
	// A rule is a pattern, a judge and a text; what judges share is in cause.
	"advisor/rules":   {"advisor/cause", "advisor/limit"},
	"advisor/cause":   {"advisor/frame", "advisor/limit"},
	"advisor/frame":   {},
	"advisor/limit":   {},
	"advisor/llm":     {"advisor/cause", "advisor/llmtest"},
	"advisor/llmtest": {},
	// Scenarios judge advice; who makes it is passed in.
	"advisor/scenario":      {"internal/evidence/bundlefile"},
	"internal/redact":       {"internal/lazyregexp"},
	"internal/lazyregexp":   {},
	"internal/redirect":     {},
	"internal/documenttest": {},
	// Items of evidence are stored with the episode; settings are masked before
	// they become evidence.
	"internal/evidence": {"internal/episode", "internal/redact"},
	// What the snapshot lacks is asked of Flink and history; only app and cmd import it.
	"internal/evidence/collect": {"internal/flink", "profiling"},
	// A bundle as a directory; besides the scenarios, only app and cmd import it.
	"internal/evidence/bundlefile": {},
	// The code of hot frames; only app and cmd import it.
	"internal/evidence/source": {},
	"grafana":                  {"grafana/dashboards"},
	"grafana/dashboards":       {},
	// Which earlier profile is comparable depends on its mode and grade.
	"internal/episode": {"internal/flame"},
	// What a scale test measured, and of which job.
	"internal/scalerun": {"internal/episode"},
	// What is printed for people: texts from outside stay on one line.
	"internal/episode/report": {"internal/plaintext"},
	// All of a history as JSON lines and CSV.
	"internal/episode/export": {"internal/episode", "internal/scalerun"},
	// A trend tells when its line crosses the limit.
	"internal/snapshot": {"internal/stat"},
	"internal/setting":  {},
	"internal/series":   {},
	"internal/stat":     {},
	"internal/flame":    {"internal/plaintext", "internal/stat", "internal/lazyregexp"}, // intervals of shares
	// Whether a change helped: stored scale tests compared.
	"internal/outcome": {
		"internal/episode", "internal/plaintext", "internal/scalerun", "internal/setting", "internal/stat",
	},
	"internal/flink":     {},
	"internal/plaintext": {},
	"internal/wait":      {},
	"internal/contact":   {},
	"internal/loop":      {},
	"internal/check":     {},
	// What the command line does before a command begins; it knows no command.
	"internal/commandline": {},
	"internal/trouble":     {},
	"internal/wholefile":   {},
	// The client and the words of the API do not know who answers: commands, the plugin and other
	// programs import them.
	"internal/api":        {},
	"internal/api/routes": {"internal/api"},
	"internal/web":        {"internal/api"},
	// Coding assistants read what the page reads.
	"internal/mcp": {"internal/api"},
	// The file itself is history; what its entries are knows no files, and the kinds not each other.
	"internal/history": {
		"internal/wholefile", "internal/history/kinds", "internal/history/ledger", "internal/history/probes",
	},
	"internal/history/kinds":  {"internal/history/ledger"},
	"internal/history/probes": {"internal/history/ledger"},
	"internal/history/ledger": {},
	// The whole configuration is composed of a section of each package.
	"internal/config": {
		"advisor", "advisor/llm", "alerts", "collector", "grafana", "internal/flink",
		"internal/history", "internal/server", "profiling", "synthetic",
	},
	// The server hands out the stored profile pages, sandboxed.
	"internal/server": {"profiling"},
	"internal/pause":  {"internal/api", "internal/history"},
	// Each package checks its own connection; the doctor asks all of them.
	"internal/doctor": {
		"advisor", "advisor/llm", "alerts", "grafana", "internal/config", "internal/flink", "internal/history",
		"profiling", "synthetic",
	},
	// A scale test runs beside a sidecar and asks its API what the deployment is.
	"internal/testrun":    {"internal/api", "internal/config", "synthetic"},
	"internal/proberound": {"internal/api"},
	// Rules that are tried on samples of the history, of a Prometheus or of a file.
	"internal/backtests": {"alerts", "alerts/backtest", "internal/api", "internal/config", "internal/holder"},
	// It tells Grafana what the loop and the history say of episodes.
	"internal/annotations": {"grafana", "internal/history", "internal/loop"},
	"internal/epochs":      {"internal/history", "internal/loop"},
	// What a poll found becomes samples of the trends, and their past in the history.
	"internal/trendfeed": {"alerts", "collector", "internal/flink"},
	// What is done about an alert, and the evidence that its episode is judged by.
	"internal/plans": {
		"advisor", "internal/advise", "internal/epochs", "internal/evidence/bundlefile", "internal/evidence/collect",
		"internal/evidence/source", "internal/loop", "internal/trouble",
	},
	"internal/notices": {"alerts", "internal/annotations", "internal/history"},
	// What belongs to one cluster: who watches it, and who profiles it.
	"internal/clusters": {"collector", "internal/evidence/collect", "internal/flink", "profiling"},
	"internal/measure":  {"internal/clusters", "internal/history", "internal/loop"},
	// Results of tests and of advice are sources of the API; shards of a test meet here.
	"internal/results": {"internal/api", "internal/api/routes", "internal/history", "synthetic"},
	// The history through the API of its holder, or from its file, with the pages beside it. Both ways
	// the same functions compute the answer.
	"internal/holder": {"internal/api", "internal/api/routes", "internal/history", "profiling"},
	// One command's sidecar: the holder of the history, or an application of its own.
	"internal/ondemand": {"internal/api", "internal/app", "internal/config", "internal/holder"},
	// Advice on request; files need no sidecar.
	"internal/advise": {
		"advisor", "advisor/scenario", "internal/api", "internal/evidence/bundlefile", "internal/evidence/source",
		"internal/profilefile",
	},
	"internal/profilefile": {"profiling"},
	// Profiles on request, from the process that the collector finds.
	"internal/takeprofiles": {"collector", "internal/flink", "profiling"},
	// One turn of the loop on request, through the API of a sidecar.
	"internal/evaluate": {"internal/api", "internal/config", "internal/testrun", "internal/evidence/bundlefile", "synthetic"},
	// The first configuration is made from what Flink, its job and Kafka tell.
	"internal/firstconfig": {"collector", "internal/config", "internal/flink", "synthetic", "synthetic/payload"},
	// The local stack is a tool beside the product: it may read the sidecar's
	// API as any client does, and nothing else of it.
	"deploy/local":          {"internal/api", "grafana/grafanatest"},
	"deploy/compose/sample": {"deploy/local"}, // orders and customers as on the local stack
	"deploy/compose":        {"internal/config"},
	"deploy/docker/roots":   {},
	"deploy/release":        {}, // tests read the files
	"deploy/e2e":            {"internal/api", "internal/history", "grafana/dashboards", "grafana/grafanatest"},
	// Figures are taken of the collector itself, on the local stack, and of a history as the API
	// reads it.
	"deploy/bench": {"collector", "internal/flink", "internal/api", "internal/history", "deploy/local"},
	// A Grafana for tests and for stacks that have none: it is no stage.
	"grafana/grafanatest": {},
}

// tops are where the stages meet, and this test.
var tops = []string{"cmd/sidecar", "internal/app", "internal"}

// leaves are the vocabulary's own packages: they import none of ours, except
// that the nouns may be built from numbers.
var leaves = []string{
	"internal/episode", "internal/snapshot", "internal/series", "internal/flame", "internal/stat",
	"internal/setting", "internal/plaintext", "internal/wait", "internal/evidence", "internal/redact",
	"internal/redirect", "internal/outcome", "internal/check", "internal/contact",
	"internal/scalerun",
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func TestArrowsPointDownOnly(t *testing.T) {
	for _, pkg := range ours(t) {
		home := homeOf(pkg.ImportPath)
		if slices.Contains(tops, home) {
			continue
		}
		allowed, known := arrows[home]
		require.True(t, known, "%s has no entry in the table of arrows: say what it may import", home)
		if !slices.Contains(leaves, home) {
			allowed = slices.Concat(allowed, vocabulary)
		}
		for _, imported := range pkg.Imports {
			target := homeOf(imported)
			if target == "" || target == home {
				continue
			}
			require.Contains(t, allowed, target, "%s imports %s: that arrow is not in the design", home, target)
		}
	}
}

// homeOf returns the entry of the table that an import path belongs to, or ""
// when it is not ours.
func homeOf(importPath string) string {
	rel, ok := strings.CutPrefix(importPath, module)
	if !ok {
		return ""
	}
	for dir := rel; dir != "."; dir = path.Dir(dir) {
		if _, ok := arrows[dir]; ok || slices.Contains(tops[:2], dir) {
			return dir
		}
	}
	return rel
}

func ours(t *testing.T) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	require.NoError(t, err)
	var pkgs []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var pkg goPackage
		require.NoError(t, dec.Decode(&pkg))
		pkgs = append(pkgs, pkg)
	}
	return pkgs
}
