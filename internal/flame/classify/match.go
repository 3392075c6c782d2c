package classify

import (
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// pattern is a list of globs; it matches a name if one of them does. A glob is stored as the
// texts between its stars. A star matches any text, including none.
type pattern [][]string

func names(globs ...string) pattern {
	var p pattern
	for _, glob := range globs {
		p = append(p, strings.Split(glob, "*"))
	}
	return p
}

func (p pattern) matches(name string) bool {
	return slices.ContainsFunc(p, func(parts []string) bool { return matchesGlob(parts, name) })
}

// matchesGlob finds each text at its first occurrence after the previous text. This leaves
// the most room for the texts that follow, so no other choice can match instead.
func matchesGlob(parts []string, name string) bool {
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok || len(parts) == 1 {
		return ok && rest == ""
	}
	last := len(parts) - 1
	for _, part := range parts[1:last] {
		if _, rest, ok = strings.Cut(rest, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(rest, parts[last])
}

// dotted returns a frame's name in the notation of the rules: names of Java have dots
// instead of slashes.
func dotted(frame string) string {
	frame = flame.Normal(frame)
	if flame.IsJava(frame) {
		return strings.ReplaceAll(frame, "/", ".")
	}
	return frame
}

// Frame returns the category of a frame, from its name only.
func Frame(frame string) Category {
	name := dotted(frame)
	for _, r := range rules {
		if r.frames.matches(name) {
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

// isClass reports whether a name is the name of a class, for example java.util.HashMap$Node
// or byte[]. Classes are the top frames in ALLOC and LOCK profiles.
func isClass(name string) bool {
	if strings.HasSuffix(name, "[]") {
		return true
	}
	_, last, qualified := cutLast(name)
	return qualified && last != "" && last[0] >= 'A' && last[0] <= 'Z' && !strings.ContainsAny(name, " ():/[")
}

// isJavaWithDots reports whether a name is the name of a method of a class in a package,
// written with dots as in Flink's own flame graphs.
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
