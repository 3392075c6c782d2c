package source

import "strings"

// target is what a frame says about its code.
type target struct {
	pkg string // with dots
	// types are the names from the outermost type inwards, as the JVM writes them between
	// dollar signs. Some are numbers or names of methods.
	types  []string
	method string
}

// The JVM's names of constructors and of static initializers.
const (
	constructor = "<init>"
	initializer = "<clinit>"
)

// parseFrame reads the name of a frame, with slashes or dots. ok is false if it is not one of a
// method that a person wrote.
func parseFrame(frame string) (t target, ok bool) {
	if strings.ContainsAny(frame, " ():[]") || strings.Contains(frame, "$$Lambda") {
		return t, false // native, or a class that the JVM made
	}
	class, method, found := cutLast(strings.ReplaceAll(frame, "/", "."), ".")
	if !found || class == "" {
		return t, false
	}
	pkg, simple, packaged := cutLast(class, ".")
	if !packaged {
		pkg, simple = "", class
	}
	for part := range strings.SplitSeq(simple, "$") {
		if part != "" {
			t.types = append(t.types, part)
		}
	}
	t.pkg, t.method = pkg, writtenMethod(method)
	return t, len(t.types) > 0 && t.method != ""
}

func cutLast(text, sep string) (before, after string, ok bool) {
	at := strings.LastIndex(text, sep)
	if at < 0 {
		return "", "", false
	}
	return text[:at], text[at+len(sep):], true
}

// writtenMethod is the name in the source of the method that a compiler named: of a lambda, the
// method around it.
func writtenMethod(name string) string {
	if strings.HasPrefix(name, "<") {
		return name
	}
	if rest, ok := strings.CutPrefix(name, "lambda$"); ok { // Java
		name = rest
	} else if rest, ok := strings.CutPrefix(name, "$anonfun$"); ok { // Scala
		name = rest
	} else if strings.HasPrefix(name, "access$") {
		return ""
	}
	name, _, _ = strings.Cut(name, "$") // Kotlin: map$lambda$0, map$default
	switch name {
	case "new":
		return constructor
	case "static":
		return initializer
	}
	return name
}
