package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const id = "some-history-datasource"

const pluginJSON = `{"id": "` + id + `", "type": "datasource", "name": "Some", "backend": true,
	"executable": "gpx_some",
	"info": {"description": "d", "keywords": ["k"], "logos": {"small": "img/logo.svg", "large": "img/logo.svg"},
	"links": [{"url": "https://example.org"}], "screenshots": [{"name": "s", "path": "img/s.png"}],
	"version": "1.2.3", "updated": "2026-01-31"}, "dependencies": {"grafanaDependency": ">=12.2.0"}}`

// packed writes a plugin as a zip, after a change to its files, and says what is wrong with it.
func packed(t *testing.T, name string, change func(files map[string]string)) error {
	t.Helper()
	t.Chdir(t.TempDir())
	files := map[string]string{
		"plugin.json": pluginJSON, "img/logo.svg": "<svg/>", "img/s.png": "p", "LICENSE": "Apache License",
		"CHANGELOG.md": "c", "module.js": "m", "module.js.map": "m",
		"README.md": string(make([]byte, 300)) + "[a](https://example.org) [b](#b)",
	}
	for _, p := range platforms {
		files["gpx_some_"+p] = "binary"
	}
	if change != nil {
		change(files)
	}
	for file, text := range files {
		path := filepath.Join(id, file)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		mode := os.FileMode(0o644)
		if file[:min(4, len(file))] == "gpx_" {
			mode = 0o755
		}
		require.NoError(t, os.WriteFile(path, []byte(text), mode))
		require.NoError(t, os.Chmod(path, mode))
	}
	return run(id, name)
}

func TestComplete(t *testing.T) {
	require.NoError(t, packed(t, id+"-1.2.3.zip", nil))
}

// itself is a plugin.json that depends on its own plugin.
var itself = strings.Replace(pluginJSON, `">=12.2.0"`, `">=12.2.0", "plugins": [{"id": "`+id+`"}]`, 1)

// TestFaults: each rule finds what it is for.
func TestFaults(t *testing.T) {
	long := strings.Repeat("x", 300)
	without := func(file string) func(map[string]string) {
		return func(files map[string]string) { delete(files, file) }
	}
	with := func(file, text string) func(map[string]string) {
		return func(files map[string]string) { files[file] = text }
	}
	for want, change := range map[string]func(map[string]string){
		"metadata: open":                  without("plugin.json"),
		"metadata: unexpected end":        with("plugin.json", ""),
		"pluginname: some":                with("plugin.json", `{"id": "some", "type": "datasource"}`),
		"metadatapaths: there is no pic":  without("img/s.png"),
		"unsafesvg: img/logo.svg":         with("img/logo.svg", "<svg><script/></svg>"),
		"readme: README.md is missing":    without("README.md"),
		"relative link ](img/a.png)":      with("README.md", string(make([]byte, 300))+"![a](img/a.png)"),
		"license: LICENSE":                without("LICENSE"),
		"changelog: there is no":          without("CHANGELOG.md"),
		"modulejs: there is no":           without("module.js"),
		"jsMap: there is no":              without("module.js.map"),
		"backend gpx_some_darwin_arm64":   without("gpx_some_darwin_arm64"),
		"backenddebug: a file":            with("standalone.txt", "1"),
		"nestedmetadata: some-history":    with("inner/plugin.json", "{}"),
		"manifest: there is a MANIFEST":   with("MANIFEST.txt", "-----BEGIN PGP SIGNED MESSAGE-----"),
		"restrictivedep: grafanaDepende":  with("plugin.json", strings.Replace(pluginJSON, ">=12.2.0", "12.2.x", 1)),
		"circulardependencies: it depen":  with("plugin.json", itself),
		"templatereadme: README.md":       with("README.md", "# Grafana Data Source Plugin Template\n"+long),
		"jargon: README.md says \"yarn\"": with("README.md", "Build it with yarn."+long),
		"legacyplatform: some-history":    with("module.js", "class A extends QueryCtrl{}"),
		"trackingscripts: some-history":   with("12.js", "https://www.google-analytics.com"),
		"reactcompat: some-history":       with("module.js", "x.findDOMNode(y)"),
		"%VERSION%":                       with("plugin.json", `{"id": "`+id+`", "info": {"version": "%VERSION%"}}`),
	} {
		require.ErrorContains(t, packed(t, id+"-1.2.3.zip", change), want)
	}
	require.ErrorContains(t, packed(t, "other.zip", nil), "archivename: the file is called other.zip")
}

// TestRights: a backend that lost its right to run is found.
func TestRights(t *testing.T) {
	require.NoError(t, packed(t, id+"-1.2.3.zip", nil))
	require.NoError(t, os.Chmod(filepath.Join(id, "gpx_some_linux_amd64"), 0o644))
	require.ErrorContains(t, run(id, id+"-1.2.3.zip"), "gpx_some_linux_amd64 has the rights -rw-r--r--")
}

// analyzers are those of plugin-validator 0.31, but for the two that ask an LLM.
const analyzers = `archivename archive backendbinary backenddebug binarypermissions brokenlinks buildtools
	changelog checksum circulardependencies code-rules jargon discoverability go-manifest go-sec jsMap
	legacybuilder legacyplatform license logos manifest metadata grafanadependency metadatapaths
	metadatavalid modulejs includesnested nestedmetadata trackingscripts org packagejson pluginname
	provenance published-plugin readme restrictivedep safelinks screenshots sdkusage signature sourcecode
	sponsorshiplink typesuffix templatereadme unsafesvg version virusscan osv-scanner reactcompat`

// TestEveryAnalyzer: what the validator asks for is a rule here, or README.md says why it is none.
func TestEveryAnalyzer(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(readme), "| rule of the validator |")
	require.True(t, found)
	told := ""
	for line := range strings.Lines(table) {
		cell, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		told += cell
	}
	var names []string
	for _, r := range rules {
		names = append(names, r.name)
		require.NotContains(t, told, "`"+r.name+"`", "the table says that it is no rule")
		require.Contains(t, append(strings.Fields(analyzers), "size"), r.name)
	}
	for name := range strings.FieldsSeq(analyzers) {
		require.True(t, slices.Contains(names, name) || strings.Contains(told, "`"+name+"`"), name)
	}
}
