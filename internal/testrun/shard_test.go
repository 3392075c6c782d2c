package testrun

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
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

// TestOnlyAFinishedSearchIsReported: the sidecar keeps what it is told as the limit of the job.
func TestOnlyAFinishedSearchIsReported(t *testing.T) {
	rate := 10.0
	test := scalerun.Test{Verdict: scalerun.Aborted, Sustainable: &scalerun.Sustainable{
		Rate: &rate, Verdict: scalerun.Sustained, Headroom: &rate,
	}}
	r := &reporter{}
	require.NoError(t, r.keep(t.Context(), test), "it is under way")
	require.Nil(t, r.now().SustainableRate)
	test.Verdict, test.Sustainable.Verdict = scalerun.OK, scalerun.Undecided
	require.NoError(t, r.keep(t.Context(), test), "the rate is a lower bound")
	require.Nil(t, r.now().SustainableRate)
	test.Sustainable.Verdict = scalerun.Sustained
	require.NoError(t, r.keep(t.Context(), test))
	require.InDelta(t, rate, *r.now().SustainableRate, 0)
}
