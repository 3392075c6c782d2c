package source

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

// limits bound a tree.
type limits struct {
	entries int // files and directories
	sources int // files
	scanned int // bytes of the files that are searched for declarations
	time    time.Duration
}

// defaultLimits are more than the sources of a large job have: Flink itself has 18,000 files of
// Java. Time is for all roots together.
var defaultLimits = limits{entries: 200_000, sources: 40_000, scanned: 64 << 20, time: 5 * time.Second}

// index finds the files of classes in a tree.
type index struct {
	tree
	limits  limits
	root    Root
	sources []string
	byName  map[string][]string // by the name without directory and ending
	// declared has the files by the types in them; nil until the names of files do not help.
	declared map[string][]string
	// complete is false if a bound ended the search for declarations.
	complete bool
	codes    map[string]*code
}

// newIndex lists the sources of a tree. The error says why it is not complete; the index can
// be used all the same.
func newIndex(ctx context.Context, root Root, t tree, bounds limits) (*index, error) {
	x := &index{
		tree: t, root: root, limits: bounds, byName: map[string][]string{}, codes: map[string]*code{}, complete: true,
	}
	entries := 0
	err := t.walk(func(file string, plain bool) error {
		entries++
		_, source := languageOf(file)
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("listing its files takes longer than %s", bounds.time)
		case entries > bounds.entries:
			return fmt.Errorf("it has more than %d files and directories", bounds.entries)
		case !source || !plain:
			return nil
		case len(x.sources) == bounds.sources:
			return fmt.Errorf("it has more than %d sources", bounds.sources)
		}
		x.sources = append(x.sources, file)
		x.byName[stem(file)] = append(x.byName[stem(file)], file)
		return nil
	})
	slices.SortFunc(x.sources, byPlace)
	return x, err
}

func stem(file string) string { return strings.TrimSuffix(path.Base(file), path.Ext(file)) }

// byPlace orders files of the job before its tests, and short paths before long ones.
func byPlace(a, b string) int {
	return cmp.Or(cmp.Compare(tests(a), tests(b)), cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

func tests(file string) int {
	if strings.Contains("/"+file, "/test/") {
		return 1
	}
	return 0
}

// files returns the files that may have the class of a target, the best first: one that is where
// Java wants it, else those that declare it.
func (x *index) files(ctx context.Context, t target) []string {
	class := t.types[0]
	dir := strings.ReplaceAll(t.pkg, ".", "/")
	var found []string
	for _, name := range []string{class, strings.TrimSuffix(class, "Kt")} {
		for _, file := range x.byName[name] {
			if isIn(path.Dir(file), dir) && !slices.Contains(found, file) {
				found = append(found, file)
			}
		}
	}
	if len(found) == 0 {
		x.scan(ctx)
		found = slices.Clone(x.declared[strings.TrimPrefix(t.pkg+"."+class, ".")])
	}
	slices.SortFunc(found, byPlace)
	return found
}

// isIn reports whether a directory ends with the directories of a package.
func isIn(dir, pkg string) bool {
	return pkg == "" || dir == pkg || strings.HasSuffix(dir, "/"+pkg)
}

// scan reads the sources for the types that they declare: Kotlin and Scala do not tell the place
// of a class by its name, and Java does not for further classes of a file.
func (x *index) scan(ctx context.Context) {
	if x.declared != nil {
		return
	}
	x.declared = map[string][]string{}
	size := 0
	for _, file := range x.sources {
		if size > x.limits.scanned || ctx.Err() != nil {
			x.complete = false
			return
		}
		lang, _ := languageOf(file)
		text, err := x.read(file)
		if err != nil {
			continue
		}
		size += len(text)
		masked, _ := mask(text, lang)
		c := &code{lang: lang, masked: masked}
		names := c.types()
		if lang == kotlin {
			names = append(names, stem(file)+"Kt")
		}
		for _, name := range names {
			class := strings.TrimPrefix(c.pkg()+"."+name, ".")
			if !slices.Contains(x.declared[class], file) {
				x.declared[class] = append(x.declared[class], file)
			}
		}
	}
}

// code returns a file for the search in it; it is read once.
func (x *index) code(file string) (*code, error) {
	if c, ok := x.codes[file]; ok {
		return c, nil
	}
	text, err := x.read(file)
	if err != nil {
		return nil, err
	}
	lang, _ := languageOf(file)
	x.codes[file] = newCode(text, lang)
	return x.codes[file], nil
}
