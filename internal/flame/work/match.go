package work

import (
	"regexp"
	"strings"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// pattern tells names of frames that match from others.
type pattern func(name string) bool

// names is a pattern of several: a star stands for any text, also for none. They are
// compiled when they are first asked, since that takes longer than most commands,
// which never ask.
func names(globs ...string) pattern {
	compiled := sync.OnceValue(func() *regexp.Regexp {
		quoted := make([]string, len(globs))
		for i, glob := range globs {
			quoted[i] = strings.ReplaceAll(regexp.QuoteMeta(glob), `\*`, `.*`)
		}
		return regexp.MustCompile(`^(?s:` + strings.Join(quoted, "|") + `)$`)
	})
	return func(name string) bool { return compiled().MatchString(name) }
}

// dotted is a frame's name in the form that the rules are written in: that of Java
// has dots throughout.
func dotted(frame string) string {
	frame = flame.Normal(frame)
	if flame.IsJava(frame) {
		return strings.ReplaceAll(frame, "/", ".")
	}
	return frame
}

// Of returns the category of a frame by its name alone.
func Of(frame string) Category {
	name := dotted(frame)
	for _, r := range rules {
		if r.frames(name) {
			return r.category
		}
	}
	switch {
	case flame.IsJava(frame) || isJavaWithDots(name):
		return User
	case isClass(name):
		return Java
	}
	return Native
}

// isClass reports whether a name is that of a class, as it stands on top of the
// stacks of ALLOC and LOCK: java.util.HashMap$Node, byte[].
func isClass(name string) bool {
	if strings.HasSuffix(name, "[]") {
		return true
	}
	_, last, qualified := cutLast(name)
	return qualified && last != "" && last[0] >= 'A' && last[0] <= 'Z' && !strings.ContainsAny(name, " ():/[")
}

// isJavaWithDots reports whether a name is that of a method of a class in a
// package, written with dots as in Flink's own flame graphs.
func isJavaWithDots(name string) bool {
	class, method, qualified := cutLast(name)
	return qualified && method != "" && isClass(class) && !isClass(name)
}

func cutLast(name string) (before, after string, found bool) {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 {
		return "", name, false
	}
	return name[:dot], name[dot+1:], true
}
