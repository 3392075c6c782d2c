package evidence

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSize(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0 bytes", 1023: "1023 bytes", 1536: "1.5 KiB",
		4893220: "4.7 MiB", 3 << 30: "3.0 GiB", -2048: "-2.0 KiB",
	} {
		require.Equal(t, want, size(bytes))
	}
}
