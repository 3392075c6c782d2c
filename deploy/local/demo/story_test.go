package demo

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestTell(t *testing.T) {
	d, err := New(os.Args[0])
	require.NoError(t, err)
	s := bareStack(t, d)
	e := good(t)
	second := fullTurn()
	second.ID, second.Profiles, second.Announcements = "01E2", nil, nil
	second.Alert.Rule, second.Alert.Summary, second.Alert.StartsAt = "heap-after-gc",
		"heap on tm-2 will pass 346 MiB in 9 min (8–10)", after(110)
	second.State, second.Finished, second.Advice, second.Error = episode.Failed, after(111), nil, "it broke"
	second.Notes = []string{"tm-2 was profiled just now (wait)"}
	e.episodes = append(e.episodes, second)

	var out bytes.Buffer
	require.NoError(t, e.tell(&out, d))
	require.Equal(t, `
Story, in minutes and seconds after stack ready:
  00:00  the job runs, with these faults planted: kryo, bulk, lookup, state
  01:40  checkpoint-size fires: checkpoint size will pass 40 MiB in 7 min (6.9–7.1)
  01:41  profile ITIMER of tm-1 for 20 s, 1234 samples: enrich orders holds the job back
  01:46  400 thread samples of enrich orders, orders to Elasticsearch: Writer
  01:50  heap-after-gc fires: heap on tm-2 will pass 346 MiB in 9 min (8–10)
  01:51  episode 01E2 is failed: it broke; tm-2 was profiled just now (wait)
  02:02  3 findings
           1. Orders are serialized by Kryo (+10 to 25 %)
           2. Each record waits for an answer
           3. A request per document (below +1 %)
  02:02  annotation 7 covers 22 s: checkpoint size will pass 40 MiB
  02:02  episode 01E1 is done: 3 findings, first Orders are serialized by Kryo (+10 to 25 %)
Read on, while the demo runs:
  `+d.url+`/episodes/01E1
  `+s.State().GrafanaURL+`/  (the annotations; grafana-stand-in)
and afterwards:
  `+d.program+` advise --episode=01E1 --history.path=`+s.Layout().In("sidecar.db")+`
  `+d.program+` history show 01E1 --history.path=`+s.Layout().In("sidecar.db")+`
`, out.String())
}

func TestNothingToTell(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, evidence{}.tell(&out, nil))
	require.Empty(t, out.String())
	require.Equal(t, "without planted faults", planted(nil))
}

func TestOutcome(t *testing.T) {
	require.Equal(t, "no advice; no process was profiled",
		outcome(episode.Episode{Notes: []string{"no process was profiled"}}))
	require.Equal(t, "no findings", outcome(episode.Episode{Advice: &episode.Advice{}}))
}

// An annotation that is not there is no event, whatever the episode says.
func TestStoryTellsOnlyWhatIsThere(t *testing.T) {
	ep := fullTurn()
	for _, annotations := range [][]annotation{nil, {toldOf(ep), toldOf(ep)}} {
		for _, event := range (turns{episodes: []episode.Episode{ep}, annotations: annotations}).story() {
			require.NotContains(t, event.text, "annotation")
		}
	}
	ep.State, ep.Advice, ep.Profiles, ep.Announcements = episode.Opened, nil, nil, nil
	require.Len(t, (turns{episodes: []episode.Episode{ep}}).story(), 1)
}

func TestClockAndSpan(t *testing.T) {
	require.Equal(t, "00:00", clock(noon, noon.Add(-1)), "never before the beginning")
	require.Equal(t, "01:59", clock(noon, after(119.9)))
	require.Equal(t, "75:00", clock(noon, after(4500)))
	require.Equal(t, "89 s", span(89.4))
	require.Equal(t, "1.5 min", span(90))
}
