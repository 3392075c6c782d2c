package kafka

import (
	"testing"

	"go.uber.org/goleak"
)

// Tests in a synctest bubble fail by themselves if a goroutine stays behind;
// this is for the others.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
