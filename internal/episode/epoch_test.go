package episode

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func texts(changes []Change) []string {
	all := []string{}
	for _, c := range changes {
		all = append(all, c.String())
	}
	return all
}

func TestChangesSince(t *testing.T) {
	was := Epoch{
		Key: "a", FlinkVersion: "2.2.0", PlanHash: "p", ConfigHash: "c", Parallelism: 2, ScaleHash: "s",
		TaskManagers: "1 GiB",
		Settings:     map[string]string{"job a": "1", "job b": "2", "cluster c": "3"},
	}
	for name, test := range map[string]struct {
		change func(e *Epoch)
		want   []string
	}{
		"nothing":     {func(e *Epoch) { e.Key = "b" }, []string{}},
		"version":     {func(e *Epoch) { e.FlinkVersion = "2.3.0" }, []string{"flink 2.2.0 → 2.3.0"}},
		"plan":        {func(e *Epoch) { e.PlanHash, e.ScaleHash = "q", "t" }, []string{"plan"}},
		"parallelism": {func(e *Epoch) { e.Parallelism, e.ScaleHash = 4, "t" }, []string{"parallelism 2 → 4"}},
		"one vertex":  {func(e *Epoch) { e.ScaleHash = "t" }, []string{"parallelism of vertices"}},
		"memory":      {func(e *Epoch) { e.TaskManagers = "" }, []string{"TaskManagers 1 GiB → –"}},
		"settings": {func(e *Epoch) {
			e.ConfigHash, e.Settings = "d", map[string]string{"job a": "9", "job b": "2", "job new": "4"}
		}, []string{"cluster c", "job a", "job new"}},
		"settings that are not known": {func(e *Epoch) { e.ConfigHash, e.Settings = "d", nil }, []string{"settings"}},
		"settings of equal hashes":    {func(e *Epoch) { e.ConfigHash = "d" }, []string{"settings"}},
	} {
		now := was
		test.change(&now)
		require.Equal(t, test.want, texts(now.ChangesSince(was)), name)
	}
}

func TestChangedSettingsAreBounded(t *testing.T) {
	now := map[string]string{}
	for i := range 30 {
		now[fmt.Sprintf("job %02d", i)] = "1"
	}
	changes := changedSettings(map[string]string{"job 00": "1"}, now)
	require.Len(t, changes, 21)
	require.Equal(t, "job 20", changes[19].String())
	require.Equal(t, "9 more settings", changes[20].String())
}

func TestOnlyScale(t *testing.T) {
	scale := []Change{{What: ChangedParallelism, From: "2", To: "4"}, {What: ChangedTaskManagers}}
	require.True(t, OnlyScale(scale))
	require.True(t, OnlyScale([]Change{{What: ChangedScale}}))
	require.False(t, OnlyScale(append(scale, Change{What: ChangedPlan})))
	require.False(t, OnlyScale(nil))
}

func TestJoin(t *testing.T) {
	first := []Change{{What: "parallelism", From: "2", To: "4"}, {What: "plan"}}
	joined := Join(first, []Change{
		{What: "parallelism", From: "4", To: "8"},
		{What: "plan"},
		{What: "flink", From: "1", To: "2"},
	})
	require.Equal(t, []string{"parallelism 2 → 8", "plan", "flink 1 → 2"}, texts(joined))
	require.Equal(t, []string{"plan"}, texts(Join(first, []Change{{What: "parallelism", From: "4", To: "2"}})),
		"back again")
	require.Equal(t, "4", first[0].To, "what was there is not touched")
}

func TestEpochIsDescribedByWhatDiffers(t *testing.T) {
	t.Parallel()
	require.Equal(t, "this job is seen for the first time", Epoch{}.Describe())
	require.Equal(t, "plan, parallelism 2 → 4", Epoch{
		Changes: []Change{{What: "plan"}, {What: "parallelism", From: "2", To: "4"}},
	}.Describe())
}
