package setting

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFaultsAreRelativeToTheirSection(t *testing.T) {
	var faults Faults
	faults.Add("interval", "raise it", "%s is below 1s", "10ms")
	faults.Add("", "add one", "no sink")

	moved := faults.Under("probe")
	require.Equal(t, "probe.interval: 10ms is below 1s (raise it)", moved[0].Error())
	require.Equal(t, "probe: no sink (add one)", moved[1].Error())
	require.Equal(t, "interval", faults[0].Path, "Under must not change its receiver")
}
