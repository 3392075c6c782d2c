package scaletest_test

import (
	"runtime/debug"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the tests compute: an eighth of their time was the collection of garbage
	goleak.VerifyTestMain(m)
}
