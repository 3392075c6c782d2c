package bundlefile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

// Names are placeholders with the names that they stand for.
type Names map[string]string

// Anonymous returns a bundle in which placeholders stand for the names of the cluster, the job, its
// vertices and sinks (with topics and indexes in them), hosts and processes, and the names. A name
// has one placeholder everywhere. The source code is left out, because it may have any of them.
// Names of classes stay: without them there is no advice.
func Anonymous(b evidence.Bundle) (evidence.Bundle, Names) {
	a := anonymizer{names: Names{}, known: map[string]string{}}
	a.collect(b)
	b.Sources = nil
	profiles, config := b.Profiles, b.Config
	b.Profiles, b.Config = nil, nil
	b = b.Mapped(a.replace)
	for _, p := range profiles {
		p.Name, p.Process = a.replace(p.Name), a.replace(p.Process)
		b.Profiles = append(b.Profiles, p)
	}
	if config != nil {
		b.Config = make(map[string]string, len(config))
	}
	for key, value := range config {
		b.Config[key] = a.hosts(value)
	}
	return b, a.names
}

// Anonymous returns the files of the bundle without names, and writes their meaning to a file,
// which must not exist: it is not for those who get the bundle.
func (f Files) Anonymous(meaning string) (Files, error) {
	dir, err := os.MkdirTemp("", "bundle-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := f.Write(dir); err != nil {
		return nil, err
	}
	b, warnings, err := Read(dir)
	if err != nil {
		return nil, err
	}
	b.Warnings = append(b.Warnings, warnings...)
	b, names := Anonymous(b)
	text, err := json.MarshalIndent(names, "", "  ")
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(meaning, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%w (move it, or choose another directory)", err)
	}
	_, err = file.Write(append(text, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	return Pack(b)
}

type anonymizer struct {
	names Names             // from a placeholder to its name
	known map[string]string // from a name to its placeholder
	// pattern finds the names, the longest first, and hosts.
	pattern *regexp.Regexp
}

// collect gives the names of a bundle their placeholders, in an order that does not change.
func (a *anonymizer) collect(b evidence.Bundle) {
	a.give("cluster", b.Cluster)
	a.give("job", b.Job)
	for _, p := range b.Processes {
		a.give("process", p.ID)
	}
	for _, p := range b.Profiles {
		if p.Process != "jobmanager" {
			a.give("process", p.Process)
		}
	}
	for _, v := range b.Vertices {
		a.words(v.Name)
		for _, process := range slices.Sorted(maps.Keys(v.SubtasksOn)) {
			a.give("process", process)
		}
	}
	for _, s := range b.Sinks {
		a.words(s.Name)
	}
	names := slices.SortedFunc(maps.Keys(a.known),
		func(x, y string) int { return cmp.Or(cmp.Compare(len(y), len(x)), strings.Compare(x, y)) })
	for i, name := range names {
		names[i] = regexp.QuoteMeta(name)
	}
	a.pattern = regexp.MustCompile(strings.Join(append(names, host().String()), "|"))
}

// give gives a name a placeholder.
func (a *anonymizer) give(kind, name string) string {
	if name == "" {
		return name
	}
	if placeholder, ok := a.known[name]; ok {
		return placeholder
	}
	placeholder := fmt.Sprintf("%s-%d", kind, len(a.names)+1)
	a.names[placeholder], a.known[name] = name, placeholder
	return placeholder
}

var (
	word = lazyregexp.New(`[\pL\pN_.-]*[\pL\pN_]`)
	// ofFlink are the words of Flink's own names of vertices: rules know them.
	ofFlink = lazyregexp.New(`^(?i:source|sink|writer|committer|map|flat|filter|process|keyed|co|window|` +
		`join|interval|async|wait|operator|timestamps?|watermarks?|calc|exchange|aggregate|group|table|to|of|` +
		`from|and|the|collector|constraint|enforcer|kafka|elasticsearch|opensearch|jdbc|file|json|avro|\d+)$`)
	// host is an address, or the name of a host with its domain or port.
	host = lazyregexp.New(`\b(?:\d{1,3}(?:\.\d{1,3}){3}|[a-zA-Z][\w-]*(?:\.[a-zA-Z][\w-]*){1,6}:\d{2,5}|` +
		`[a-zA-Z][\w-]*:\d{4,5})\b`)
)

// words gives placeholders to the words of a vertex's name that are not Flink's.
func (a *anonymizer) words(name string) {
	for _, w := range word().FindAllString(name, -1) {
		if len(w) > 1 && !ofFlink().MatchString(w) {
			a.give("name", w)
		}
	}
}

// replace replaces the names in a text where they stand alone, and hosts, in one pass: a
// placeholder is not replaced again.
func (a *anonymizer) replace(text string) string {
	var out strings.Builder
	at := 0
	for _, found := range a.pattern.FindAllStringIndex(text, -1) {
		name := text[found[0]:found[1]]
		placeholder, ok := a.known[name]
		if !ok {
			placeholder = a.give("host", name)
		} else if !alone(text, found[0], found[1]) {
			continue
		}
		out.WriteString(text[at:found[0]] + placeholder)
		at = found[1]
	}
	return out.String() + text[at:]
}

func (a *anonymizer) hosts(text string) string {
	return host().ReplaceAllStringFunc(text, func(found string) string { return a.give("host", found) })
}

// alone reports whether a part of a text has no letter and no digit beside it.
func alone(text string, from, to int) bool {
	return (from == 0 || !isWord(text[from-1])) && (to == len(text) || !isWord(text[to]))
}

func isWord(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= 0x80
}
