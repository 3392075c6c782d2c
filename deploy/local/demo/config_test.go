package demo

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// ours is the configuration of a stack at made-up addresses.
func ours() string {
	return configuration(stack.State{
		FlinkURL: "http://127.0.0.1:1", KafkaBrokers: []string{"127.0.0.1:2"}, ElasticsearchURL: "http://127.0.0.1:3",
		GrafanaURL: "http://127.0.0.1:5", GrafanaTokenFile: "/my data/grafana-stand-in/token",
	}, "127.0.0.1:4", "/my data/sidecar.db")
}

// keys lists the paths of all keys of a YAML document; those of lists without an index.
func keys(prefix string, value any, into map[string]bool) {
	switch value := value.(type) {
	case map[string]any:
		for name, below := range value {
			into[prefix+name] = true
			keys(prefix+name+".", below, into)
		}
	case []any:
		for _, below := range value {
			keys(prefix, below, into)
		}
	}
}

func TestConfiguration(t *testing.T) {
	var parsed, reference map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(ours()), &parsed))
	require.Equal(t, map[string]any{"url": "http://127.0.0.1:1", "cluster": "local"}, parsed["flink"])
	require.Equal(t, map[string]any{"brokers": []any{"127.0.0.1:2"}}, parsed["kafka"])
	require.Equal(t, map[string]any{"urls": []any{"http://127.0.0.1:3"}}, parsed["elasticsearch"])
	require.Equal(t, map[string]any{"url": "http://127.0.0.1:5", "token_file": "/my data/grafana-stand-in/token"},
		parsed["grafana"])
	require.Equal(t, map[string]any{"path": "/my data/sidecar.db"}, parsed["history"])
	require.Equal(t, map[string]any{"listen_address": "127.0.0.1:4"}, parsed["web"])
	for i, sink := range parsed["sinks"].([]any) {
		require.Equal(t, sinkNames[i], sink.(map[string]any)["name"])
	}

	// Every key is one of the reference configuration, which the sidecar's own tests hold
	// true. There grafana is a comment, for it has no default; loop below reads it.
	file, err := os.ReadFile("../../../sidecar.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(file, &reference))
	delete(parsed, "grafana")
	known, used := map[string]bool{}, map[string]bool{}
	keys("", reference, known)
	keys("", parsed, used)
	for key := range used {
		require.True(t, known[key], key)
	}
}

// sections are those of the loop, as the stages read them.
type sections struct {
	Alerts    alerts.Config
	Profiling profiling.Config
	Advisor   advisor.Config
	Grafana   grafana.Config
}

// loop reads the sections of the loop, each strictly.
func loop(t *testing.T) sections {
	t.Helper()
	var all map[string]yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(ours()), &all))
	s := sections{alerts.DefaultConfig(), profiling.DefaultConfig(), advisor.DefaultConfig(), grafana.DefaultConfig()}
	for name, into := range map[string]any{
		"alerts": &s.Alerts, "profiling": &s.Profiling, "advisor": &s.Advisor,
		"grafana": &s.Grafana,
	} {
		section := all[name]
		text, err := yaml.Marshal(&section)
		require.NoError(t, err)
		decoder := yaml.NewDecoder(strings.NewReader(string(text)))
		decoder.KnownFields(true)
		require.NoError(t, decoder.Decode(into), name)
	}
	return s
}

func TestSectionsOfTheLoop(t *testing.T) {
	s := loop(t)
	for name, faults := range map[string]setting.Faults{
		"alerts": s.Alerts.Validate(), "profiling": s.Profiling.Validate(), "advisor": s.Advisor.Validate(),
		"grafana": s.Grafana.Validate(),
	} {
		require.Empty(t, faults, name)
	}
	for _, rule := range s.Alerts.EffectiveRules() {
		if rule.Name == rampRule {
			require.InDelta(t, 40<<20, *rule.Threshold, 0)
			require.Equal(t, 2*time.Minute, rule.Window)
		}
	}
	require.Equal(t, 20*time.Second, time.Duration(s.Profiling.Duration))
	require.Equal(t, advisor.ProviderNone, s.Advisor.Provider)
}

// The rule fires in time on the growth that was seen, and on one that is as slow as the
// summary still counts on; its forecast is minutes ahead.
func TestTheRampFires(t *testing.T) {
	const perOrder = 860 // bytes, as seen
	for _, tc := range []struct {
		load    float64 // orders per second
		within  time.Duration
		summary string
	}{
		{100, 100 * time.Second, `^checkpoint size will pass 40 MiB in [67](\.\d)? min \(`},
		{leastLoad, 3 * time.Minute, `^checkpoint size will pass 40 MiB in (8|9)(\.\d)? min \(`},
	} {
		t.Run(fmt.Sprintf("%g orders/s", tc.load), func(t *testing.T) {
			fired, alert := ramp(t, perOrder*tc.load)
			require.LessOrEqual(t, fired, tc.within)
			require.Equal(t, rampRule, alert.Rule)
			require.Regexp(t, tc.summary, alert.Summary)
		})
	}
}

// ramp is how long after the stack was ready the first alert comes when checkpoints grow
// by so many bytes a second, and that alert. The job runs five seconds by then.
func ramp(t *testing.T, perSecond float64) (time.Duration, episode.Alert) {
	t.Helper()
	config := loop(t).Alerts
	trends := alerts.NewTrends(config, slog.New(slog.DiscardHandler))
	noise := rand.New(rand.NewPCG(1, 1))
	started := noon.Add(-5 * time.Second)
	for second := range 360 {
		now := noon.Add(time.Duration(second) * time.Second)
		if age := now.Sub(started).Seconds(); int(age)%10 == 0 {
			trends.Observe(signal.Observation{
				Signal: snapshot.CheckpointSize, Labels: snapshot.Labels{Job: jobName}, RunID: "1",
				Sample: series.Sample{T: now, V: perSecond * (age + noise.NormFloat64()/5)},
			})
		}
		if second%int(time.Duration(config.Every).Seconds()) != 0 {
			continue
		}
		if news := trends.Tick(now); len(news) > 0 {
			return now.Sub(noon), news[0]
		}
	}
	require.Fail(t, "nothing fired within six minutes")
	return 0, episode.Alert{}
}
