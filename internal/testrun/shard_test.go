package testrun

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestGuideSaysHowLongShardsWait(t *testing.T) {
	guide, err := os.ReadFile("../../docs/scaletest.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), fmt.Sprintf("wait %d min for it", shardsWithin/time.Minute))
}

func TestMissingShardsAreNamed(t *testing.T) {
	require.Equal(t, "1, 3", numbers([]int{1, 3}))
}

func TestEachShardHasASpectrumOfItsOwn(t *testing.T) {
	o := Options{Spectrum: "l.hgrm"}
	require.Equal(t, "l.hgrm", spectrum(o))
	o.Plan.Shards, o.Plan.Shard = 4, 2
	require.Equal(t, "l.hgrm.shard-2", spectrum(o))
}
