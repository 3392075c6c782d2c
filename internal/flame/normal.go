package flame

import (
	"regexp"
	"strings"
	"sync"
)

// generated are the parts of names that are made up while a program is compiled
// or runs, so that the next build, or the next start, has others. The order
// matters: what a rule leaves is what the next one sees.
var generated = []struct {
	mark string // what a name must contain for the rule to be tried
	part func() *regexp.Regexp
	by   string
}{
	// Lambdas of Java: $$Lambda$916/0x00007f4c066911a8, $$Lambda.0x…, $$Lambda$12/1234567.
	{"$$Lambda", lazily(`\$\$Lambda(?:\$\d+)?(?:[/.+](?:0x[0-9a-fA-F]+|\d+))?`), `$$$$Lambda`},
	// Hidden classes, and forms of method handles from before there were such.
	{"0x", lazily(`[/.+]0x[0-9a-fA-F]+`), ``},
	{"LambdaForm", lazily(`(LambdaForm\$D?MH)[$/]\d+`), `$1`},
	// What reflection, dynamic proxies and libraries that enhance classes generate.
	{"Accessor", lazily(`(Generated(?:Method|Constructor|SerializationConstructor)Accessor)\d+`), `$1`},
	{"$Proxy", lazily(`\$Proxy\d+`), `$$Proxy`},
	{"proxy", lazily(`\b(?:jdk([/.])proxy\d+|com([/.])sun[/.]proxy)\b`), `jdk$1${2}proxy`},
	{"$$", lazily(`(\$\$\w+By\w+|\$\$SpringCGLIB)\$\$[0-9a-f]+`), `$1`},
	{"$ByteBuddy$", lazily(`\$ByteBuddy\$\w+`), `$$ByteBuddy`},
	// Bodies of lambdas and local classes, numbered through their class: javac's
	// lambda$map$3, Scala's $anonfun$map$3 and $anon$3, Kotlin's map$lambda$3 and map$3.
	{"$", lazily(`(\$[a-z]\w*)(?:\$\d+)+\b`), `$1$$*`},
	// Where a library lies, which may be a temporary folder: it is called by its file.
	{"/", lazily(`^/.*/([^/]+)$`), `$1`},
	// Numbers of threads.
	{" tid=", lazily(` tid=\d+\]$`), `]`},
}

// Classes that Flink's planner generates have no package and a number, as
// StreamExecCalc$12; their methods may be split, and the pieces numbered.
var (
	planned      = lazily(`^([A-Z]\w*)\$\d+\b`)
	plannedPiece = lazily(`(_[a-zA-Z]+)\$?\d+(?:_\d+)*$`)
)

// lazily compiles an expression when it is first needed: most commands of the binary
// never do.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// Normal returns a frame's name without the parts that differ from build to build
// and from start to start, so that profiles of both can be compared: numbers and
// addresses of lambdas, generated accessors, proxies and hidden classes, of
// anonymous functions of Java, Scala and Kotlin, of the classes that Flink
// generates for SQL, and the folders of libraries. Numbers become a star or nothing. Frames that differ in such
// numbers only, as two lambdas in one method, become one frame. Anonymous classes
// of Java (Job$1) keep theirs, unless they have no package.
func Normal(name string) string {
	for {
		next := normalOnce(name)
		if next == name || len(withoutSuffix([]byte(next))) == 0 {
			return name
		}
		name = next
	}
}

func normalOnce(name string) string {
	for _, g := range generated {
		if strings.Contains(name, g.mark) {
			name = g.part().ReplaceAllString(name, g.by)
		}
	}
	if !strings.Contains(name, "$") {
		return name
	}
	if class := planned().ReplaceAllString(name, `$1$$*`); class != name {
		name = plannedPiece().ReplaceAllString(class, `$1*`)
	}
	return name
}
