package source

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// declaration is a method: from its annotations to the end of its body.
type declaration struct {
	span
	name int // the index of its name
}

// methods returns where the code of a target is in a file, in order: the declarations of its
// method, or nothing.
func (c *code) methods(t target) []declaration {
	scopes, name, inner := c.scope(t)
	var found []declaration
	for _, scope := range scopes {
		found = append(found, c.declared(scope, name, lastType(t), inner)...)
	}
	slices.SortFunc(found, func(a, b declaration) int { return a.name - b.name })
	return slices.Compact(found)
}

// scope descends into the types of a target. Its method may be the name of a method in Kotlin's
// and Scala's classes of lambdas. inner is set if the code is in a type without a name.
func (c *code) scope(t target) (scopes []span, method string, inner bool) {
	method = t.method
	scopes = []span{{0, len(c.masked)}}
	for i, part := range t.types {
		part = strings.TrimLeftFunc(part, unicode.IsDigit) // of a local class
		switch part {
		case "", "anonfun":
			inner = true
			continue
		case "package": // Scala's functions outside of types
			scopes = []span{{0, len(c.masked)}}
			continue
		}
		var bodies []span
		for _, scope := range scopes {
			bodies = append(bodies, c.bodies(scope, part)...)
		}
		switch {
		case len(bodies) > 0:
			scopes, inner = bodies, false
		case i > 0 && unicode.IsLower(rune(part[0])):
			return scopes, part, false
		}
	}
	return scopes, method, inner
}

// lastType is the name of the innermost type that has one: constructors in Java have it.
func lastType(t target) string {
	for _, part := range slices.Backward(t.types) {
		if part = strings.TrimLeftFunc(part, unicode.IsDigit); part != "" {
			return part
		}
	}
	return ""
}

// declared finds the declarations of a method in a scope. Those directly in the type are meant,
// unless the code is in a type without a name: then those below.
func (c *code) declared(in span, name, class string, inner bool) []declaration {
	var found []declaration
	switch {
	case name == initializer:
		found = c.blocks(in, "static")
	case name == constructor && c.lang != java:
		found = c.blocks(in, "init")
	case name == constructor:
		found = c.ofJava(in, class)
	case c.lang == java:
		found = c.ofJava(in, name)
	default:
		found = c.ofKeyword(in, name)
	}
	return c.atDepth(in, found, inner)
}

// atDepth keeps the declarations at the least depth or, if inner is set, those below the members
// of the type if there are any.
func (c *code) atDepth(in span, found []declaration, inner bool) []declaration {
	if len(found) == 0 {
		return nil
	}
	depth := func(d declaration) int32 { return c.depth[d.name] }
	if inner {
		members := c.depth[in.from]
		below := slices.DeleteFunc(slices.Clone(found), func(d declaration) bool { return depth(d) <= members })
		if len(below) > 0 {
			return below
		}
	}
	least := depth(slices.MinFunc(found, func(a, b declaration) int { return int(depth(a) - depth(b)) }))
	return slices.DeleteFunc(found, func(d declaration) bool { return depth(d) != least })
}

// mostNames bounds the places where a name is looked at.
const mostNames = 5000

// names returns the indexes where a name stands alone.
func (c *code) names(in span, name string) []int {
	var found []int
	for at := in.from; len(found) < mostNames; {
		next := bytes.Index(c.masked[at:in.to], []byte(name))
		if next < 0 || name == "" {
			break
		}
		from, to := at+next, at+next+len(name)
		if (from == 0 || !isName(c.masked[from-1])) && (to == len(c.masked) || !isName(c.masked[to])) {
			found = append(found, from)
		}
		at = to
	}
	return found
}

var throws = regexp.MustCompile(`^\s*(?:throws\s[\w\s.,<>@]*)?$`)

// ofJava finds methods: name, parameters, what is thrown, body.
func (c *code) ofJava(in span, name string) (found []declaration) {
	for _, at := range c.names(in, name) {
		if c.isUse(at) || len(found) == mostFound {
			continue
		}
		open := c.skipSpace(at + len(name))
		if open >= in.to || c.masked[open] != '(' || c.partner[open] == 0 {
			continue
		}
		end := int(c.partner[open]) + 1
		body := end + until(c.masked[end:], '{')
		if body < in.to && c.partner[body] > 0 && body-end < longestHeader && throws.Match(c.masked[end:body]) {
			found = append(found, declaration{span{c.header(at), int(c.partner[body]) + 1}, at})
		}
	}
	return found
}

// longestHeader bounds what is between the parameters and the body, in bytes.
const longestHeader = 2000

// isUse reports whether a name is called or created there, and not declared.
func (c *code) isUse(at int) bool {
	before := bytes.TrimRight(c.masked[max(0, at-longestHeader):at], " \t\r\n")
	if len(before) == 0 {
		return false
	}
	if bytes.IndexByte([]byte(".=(,:?!&|+"), before[len(before)-1]) >= 0 {
		return true
	}
	word := before[bytes.LastIndexFunc(before, func(r rune) bool { return r > unicode.MaxASCII || !isName(byte(r)) })+1:]
	return string(word) == "new" || string(word) == "return" || string(word) == "else"
}

func (c *code) skipSpace(at int) int {
	for at < len(c.masked) && (c.masked[at] == ' ' || c.masked[at] == '\t' || c.masked[at] == '\r' || c.masked[at] == '\n') {
		at++
	}
	return at
}

// header is the beginning of a declaration whose name is at a byte: the line, and the lines above
// with annotations, modifiers and type.
func (c *code) header(at int) int {
	start := c.lineStart(at)
	if after := c.afterOther(span{start, at}); after > start {
		return after
	}
	for start > 0 {
		above := c.lineStart(start - 1)
		line := bytes.TrimSpace(c.masked[above : start-1])
		begins := bytes.HasPrefix(line, []byte("@"))
		continues := c.lang == java && len(line) > 0 && bytes.IndexByte([]byte(";{}"), line[len(line)-1]) < 0
		if !begins && !continues {
			break
		}
		start = above
	}
	return start + indent(c.masked[start:])
}

// afterOther is the index after other code on the line of a declaration, which ends with a
// semicolon or a brace that is not in parentheses.
func (c *code) afterOther(line span) int {
	after := line.from
	for i := line.from; i < line.to; i++ {
		switch c.masked[i] {
		case '(':
			i = max(i, int(c.partner[i]))
		case ';', '{', '}':
			after = c.skipSpace(i + 1)
		}
	}
	return after
}

// keyword precedes the name of a method in Kotlin and Scala. Kotlin may have type parameters and
// the extended type between them.
var keyword = regexp.MustCompile(`\b(?:fun|def)\s+(?:<[^(){}]*>\s*)?(?:[\w<>?,. ]*\.)?$`)

// ofKeyword finds methods of Kotlin and Scala: keyword, name, parameters, type, body.
func (c *code) ofKeyword(in span, name string) (found []declaration) {
	for _, at := range c.names(in, name) {
		line := c.masked[max(c.lineStart(at), at-longestHeader):at]
		if !keyword.Match(line) || len(found) == mostFound {
			continue
		}
		if end := c.bodyEnd(at+len(name), in.to); end > 0 {
			found = append(found, declaration{span{c.header(at), end}, at})
		}
	}
	return found
}

// bodyEnd is the end of the body of a method of Kotlin or Scala whose name ends at a byte; 0 if it
// has none.
func (c *code) bodyEnd(at, most int) int {
	for i := at; i < most && i < at+longestHeader; i++ {
		switch b := c.masked[i]; {
		case (b == '(' || b == '[') && c.partner[i] > 0:
			i = int(c.partner[i])
		case b == '{' && c.partner[i] > 0:
			return int(c.partner[i]) + 1
		case b == '=' && i+1 < len(c.masked) && c.masked[i+1] == '>':
			i++ // a type of functions
		case b == '=':
			return c.expressionEnd(i + 1)
		case b == '}' || b == ';' || b == '\n' && c.endsHere(i):
			return 0
		}
	}
	return 0
}

// endsHere reports whether a declaration does not go on after a newline.
func (c *code) endsHere(at int) bool {
	next := c.skipSpace(at)
	return next == len(c.masked) || bytes.IndexByte([]byte("{=:(["), c.masked[next]) < 0
}

// expressionEnd is the end of the expression that is the body: a block, or the lines with a deeper
// indentation.
func (c *code) expressionEnd(at int) int {
	if open := c.skipSpace(at); open < len(c.masked) && c.masked[open] == '{' && c.partner[open] > 0 {
		return c.lineEnd(int(c.partner[open]))
	}
	end := c.indented(at - 1)
	for i := at; i < end; i++ {
		switch c.masked[i] {
		case '(', '{', '[':
			i = max(i, int(c.partner[i]))
		case ')', '}', ']', ';':
			return at + len(bytes.TrimRight(c.masked[at:i], " \t\r\n"))
		}
	}
	return end
}

// blocks finds blocks with a word before them: static initializers, and init in Kotlin.
func (c *code) blocks(in span, word string) (found []declaration) {
	for _, at := range c.names(in, word) {
		if open := c.skipSpace(at + len(word)); open < in.to && c.masked[open] == '{' && c.partner[open] > 0 {
			found = append(found, declaration{span{at, int(c.partner[open]) + 1}, at})
		}
	}
	return found
}
