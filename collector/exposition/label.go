package exposition

import (
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// MaxLabel bounds a label's value, in characters. Names of vertices list all operators of
// a chain and may have thousands.
const MaxLabel = 200

// Label makes text from outside valid as a label's value.
func Label(text string) string { return plaintext.Label(text, MaxLabel) }
