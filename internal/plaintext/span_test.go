package plaintext

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSpans(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 400 * time.Millisecond: "0 s", 59 * time.Second: "59 s",
		time.Minute: "1 min", 179 * time.Second: "2 min 59 s", time.Hour: "1 h",
		time.Hour + 5*time.Second: "1 h", 26*time.Hour + 90*time.Second: "1 d 2 h", 72 * time.Hour: "3 d",
	} {
		require.Equal(t, want, Span(d), d)
	}
}
