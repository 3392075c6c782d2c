// Package lazyregexp compiles regular expressions of package variables on their first use. A sidecar
// that runs for a year uses few of those that its commands know, and their programs need memory.
package lazyregexp

import (
	"regexp"
	"sync"
	"testing"
)

// New returns a function that returns the compiled expression. The function panics if the expression
// is invalid; in a test New does, so that no test has to use each expression.
func New(expression string) func() *regexp.Regexp {
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
	if testing.Testing() {
		compiled()
	}
	return compiled
}
