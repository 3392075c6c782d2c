package main

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// maxSize is how large the zip may be, in bytes: 60 MB.
const maxSize = 60_000_000

// platforms are those that there is a backend for.
var platforms = []string{"linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64.exe"}

// rules are those of Grafana's plugin-validator that need nothing but the zip, under its names,
// and the size, which is ours.
var rules = []struct {
	name  string
	check func(*archive) (faults []string)
}{
	{"archive", oneFolder},
	{"archivename", archiveName},
	{"pluginname", pluginName}, // and typesuffix
	{"metadata", complete},
	{"metadatapaths", pictures}, // and logos and screenshots
	{"discoverability", found},
	{"safelinks", safeLinks},
	{"unsafesvg", safeSVG},
	{"readme", readme},
	{"license", license},
	{"changelog", needs("CHANGELOG.md")},
	{"modulejs", needs("module.js")},
	{"jsMap", needs("module.js.map")},
	{"backendbinary", binaries},
	{"binarypermissions", executable},
	{"backenddebug", noDebugFiles},
	{"nestedmetadata", onePlugin},
	{"manifest", unsigned},
	{"restrictivedep", laterGrafana},
	{"circulardependencies", depends},
	{"templatereadme", written},
	{"jargon", noJargon},
	{"legacyplatform", noAngular},
	{"trackingscripts", noTracking},
	{"reactcompat", noOldReact},
	{"size", small},
}

// check returns all that is wrong with a zip.
func check(name string) error {
	a, err := open(name)
	if err != nil {
		return err
	}
	defer a.Close()
	var faults []error
	for _, rule := range rules {
		for _, fault := range rule.check(a) {
			faults = append(faults, fmt.Errorf("%s: %s", rule.name, fault))
		}
	}
	return errors.Join(faults...)
}

// unless is a fault where something does not hold.
func unless(holds bool, format string, args ...any) []string {
	if holds {
		return nil
	}
	return []string{fmt.Sprintf(format, args...)}
}

func needs(file string) func(*archive) []string {
	return func(a *archive) []string { return unless(a.has(file), "there is no %s", file) }
}

func oneFolder(a *archive) (faults []string) {
	for _, f := range a.File {
		within := strings.HasPrefix(f.Name, a.meta.ID+"/")
		faults = append(faults, unless(within, "%s is not in the folder %s", f.Name, a.meta.ID)...)
	}
	return faults
}

func archiveName(a *archive) []string {
	want := a.meta.ID + "-" + a.meta.Info.Version + ".zip"
	return unless(a.name == want, "the file is called %s, not %s", a.name, want)
}

var pluginID = regexp.MustCompile(`^[0-9a-z]+-([0-9a-z]+-)?(app|panel|datasource)$`)

func pluginName(a *archive) []string {
	return unless(pluginID.MatchString(a.meta.ID) && strings.HasSuffix(a.meta.ID, "-"+a.meta.Type),
		"%s is not the id of a %s", a.meta.ID, a.meta.Type)
}

var (
	semantic = regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	day      = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`)
)

func complete(a *archive) []string {
	return slices.Concat(
		unless(a.meta.Name != "", "the plugin has no name"),
		unless(semantic.MatchString(a.meta.Info.Version), "%q is not a version", a.meta.Info.Version),
		unless(day.MatchString(a.meta.Info.Updated), "%q is not a day", a.meta.Info.Updated),
		unless(a.meta.Dependencies.Grafana != "", "there is no grafanaDependency"),
	)
}

// pictures: what plugin.json shows is there, and there is something to show.
func pictures(a *archive) []string {
	faults := unless(len(a.meta.Info.Screenshots) > 0, "there is no screenshot")
	paths := []string{a.meta.Info.Logos["small"], a.meta.Info.Logos["large"]}
	for _, s := range a.meta.Info.Screenshots {
		paths = append(paths, s.Path)
		faults = append(faults, unless(s.Name != "", "the screenshot %s has no name", s.Path)...)
	}
	for _, p := range paths {
		faults = append(faults, unless(a.has(p), "there is no picture %q", p)...)
		known := slices.Contains([]string{".svg", ".png", ".jpg", ".jpeg", ".gif"}, path.Ext(p))
		faults = append(faults, unless(known, "%q is no picture", p)...)
	}
	return faults
}

func found(a *archive) []string {
	return unless(a.meta.Info.Description != "" && len(a.meta.Info.Keywords) > 0, "description or keywords are empty")
}

func safeLinks(a *archive) (faults []string) {
	for _, l := range a.meta.Info.Links {
		faults = append(faults, unless(strings.HasPrefix(l.URL, "https://"), "%q is not https", l.URL)...)
	}
	return faults
}

// script matches what makes an SVG run code.
var script = regexp.MustCompile(`(?i)<script|\son\w+\s*=|javascript:`)

func safeSVG(a *archive) (faults []string) {
	for _, logo := range a.meta.Info.Logos {
		faults = append(faults, unless(!script.MatchString(a.text(logo)), "%s has a script", logo)...)
	}
	return faults
}

// relative matches a link or a picture of Markdown that leads nowhere in Grafana.
var relative = regexp.MustCompile(`\]\((?:[^h#]|h[^t])[^)]*\)`)

func readme(a *archive) []string {
	text := a.text("README.md")
	return slices.Concat(
		unless(len(text) > 200, "README.md is missing or says nothing"),
		unless(!relative.MatchString(text), "README.md has the relative link %s", relative.FindString(text)),
	)
}

func license(a *archive) []string {
	return unless(strings.Contains(a.text("LICENSE"), "Apache License"), "LICENSE is not the Apache License")
}

func binaries(a *archive) (faults []string) {
	for _, p := range platforms {
		name := a.meta.Executable + "_" + p
		faults = append(faults, unless(a.meta.Backend && a.has(name), "there is no backend %s", name)...)
	}
	return faults
}

func executable(a *archive) (faults []string) {
	for _, f := range a.File {
		if strings.HasPrefix(path.Base(f.Name), a.meta.Executable+"_") {
			faults = append(faults, unless(f.Mode().Perm() == 0o755, "%s has the rights %s", f.Name, f.Mode())...)
		}
	}
	return faults
}

func noDebugFiles(a *archive) []string {
	return unless(!a.has("standalone.txt") && !a.has("pid.txt"), "a file of a debugger is left")
}

func small(a *archive) []string {
	return unless(a.size <= maxSize, "it has %d bytes, the limit is %d", a.size, maxSize)
}
