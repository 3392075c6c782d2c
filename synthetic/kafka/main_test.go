package kafka

import (
	"testing"

	"go.uber.org/goleak"
)

// A test in a synctest bubble fails if a goroutine remains. This check is for the other
// tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
