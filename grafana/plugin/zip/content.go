package main

import (
	"fmt"
	"path"
	"regexp"
	"strings"
)

// wholeRange matches a dependency on a version of Grafana and all later ones.
var wholeRange = regexp.MustCompile(`^>=\d+\.\d+\.\d+(-\d+)?$`)

func laterGrafana(a *archive) []string {
	return unless(wholeRange.MatchString(a.meta.Dependencies.Grafana),
		"grafanaDependency %q does not say from which version on", a.meta.Dependencies.Grafana)
}

// onePlugin finds a second plugin within the zip, which Grafana would load too.
func onePlugin(a *archive) (faults []string) {
	for _, f := range a.File {
		nested := path.Base(f.Name) == "plugin.json" && f.Name != a.meta.ID+"/plugin.json"
		faults = append(faults, unless(!nested, "%s is a plugin within the plugin", f.Name)...)
	}
	return faults
}

// unsigned: with an old MANIFEST.txt, Grafana takes the plugin for one that somebody has changed, and
// loads it in no way.
func unsigned(a *archive) []string {
	return unless(!a.has("MANIFEST.txt"), "there is a MANIFEST.txt, but the plugin is not signed")
}

// depends: a plugin that needs others says so, and never itself.
func depends(a *archive) (faults []string) {
	for _, other := range a.meta.Dependencies.Plugins {
		faults = append(faults, unless(other.ID != "" && other.ID != a.meta.ID, "it depends on %q", other.ID)...)
	}
	return faults
}

// ofTemplate matches what create-plugin writes into README.md.
var ofTemplate = regexp.MustCompile(
	`(?m)^# Grafana (Panel|Data Source|Data Source Backend|App) Plugin Template|This is a template for`)

// written: README.md is about this plugin.
func written(a *archive) []string {
	return unless(!ofTemplate.MatchString(a.text("README.md")), "README.md is that of the template")
}

func noJargon(a *archive) (faults []string) {
	text := strings.ToLower(a.text("README.md"))
	for _, word := range []string{"yarn", "nodejs"} {
		faults = append(faults, unless(!strings.Contains(text, word), "README.md says %q, which users do not need", word)...)
	}
	return faults
}

// without is a rule that no JavaScript of the plugin has one of some texts.
func without(what string, texts ...string) func(*archive) []string {
	return func(a *archive) (faults []string) {
		for _, f := range a.File {
			if path.Ext(f.Name) != ".js" {
				continue
			}
			code := a.text(strings.TrimPrefix(f.Name, a.meta.ID+"/"))
			for _, text := range texts {
				if strings.Contains(code, text) {
					faults = append(faults, fmt.Sprintf("%s has %s: %q", f.Name, what, text))
				}
			}
		}
		return faults
	}
}

var (
	noAngular = without("a part of Angular", "PanelCtrl", "QueryCtrl", "app/plugins/sdk", "ctrl.annotation",
		"getLegacyAngularInjector", "System.register(")
	noTracking = without("a tracking script", "google-analytics.com", "googletagmanager.com", "mixpanel.com")
	// noOldReact is what React 19, which Grafana 13 has, no longer has.
	noOldReact = without("what React 19 lacks", ".contextTypes=", ".childContextTypes=", "getChildContext",
		"createFactory(", "findDOMNode(", "ReactDOM.render(", "unmountComponentAtNode(",
		"__SECRET_INTERNALS_DO_NOT_USE_OR_YOU_WILL_BE_FIRED")
)
