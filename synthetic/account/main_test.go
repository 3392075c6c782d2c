package account

import (
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

// A test in a synctest bubble fails if a goroutine remains. This check is for the other
// tests.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the tests compute: an eighth of their time was the collection of garbage
	goleak.VerifyTestMain(m)
}
