package alerts

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// configured returns the default configuration with the changes of a YAML text.
func configured(t testing.TB, text string) Config {
	t.Helper()
	c := DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte(text), &c))
	return c
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestDefaultsAreValid(t *testing.T) {
	require.Empty(t, DefaultConfig().Validate())
}

func TestTwoRulesWithoutANameAreNotDoubles(t *testing.T) {
	c := configured(t, "rules: [{signal: headroom, direction: below, threshold: 0.1}, {signal: headroom, "+
		"direction: below, threshold: 0.1}]")
	faults := c.Validate()
	require.Len(t, faults, 2)
	for _, fault := range faults {
		require.ErrorContains(t, fault, "a rule has no name")
	}
}

func TestRulesThatNeedAProbe(t *testing.T) {
	c := configured(t, "rules: [{name: mine, signal: probe-late, threshold: 0.1}, {name: retention, horizon: 2h}, "+
		"{name: probe-lost, disabled: true}, {name: headroom, threshold: 0.1}, {name: a, signal: none}]")
	faults := c.WithoutProbe()
	require.Len(t, faults, 2)
	require.EqualError(t, faults[0], "rules[0].signal: the rule can never fire: share of late probe records needs "+
		"synthetic records, and there is no section probe (add the section probe, or remove the rule)")
	require.ErrorContains(t, faults[1], "rules[1].signal: the rule can never fire: time until unread records are deleted")
	require.Empty(t, DefaultConfig().WithoutProbe(), "shipped rules only watch nothing")
}

func TestFaultsOfTheSection(t *testing.T) {
	for name, tc := range map[string]struct{ text, fault string }{
		"window too short": {
			"window: 30s\nevery: 1s",
			"window: 30s is too short or too long (choose between 1m and 1d)",
		},
		"window too long": {"window: 2d", "window: 2d is too short or too long (choose between 1m and 1d)"},
		"every too short": {
			"every: 500ms",
			"every: 500ms is too short or too long (choose between 1s and a quarter of the window)",
		},
		"every too long": {
			"window: 2m\nevery: 31s",
			"every: 31s is too short or too long (choose between 1s and a quarter of the window)",
		},
		"no horizon": {
			"horizon: 0s",
			"horizon: 0s is not above 0 (choose a time such as 1h)",
		},
		"a wait without an end": {"for: 9000d", "for: the rule can never fire: it would have to hold for 9000d " +
			"without a break (choose at most 1w)"},
		"an alert without an end": {"keep_firing_for: 9000d", "keep_firing_for: the alerts would never end: 9000d is " +
			"too long (choose at most 1w)"},
		"a start without an end": {"settle: 2d", "settle: the rules would not watch the first 2d of each run and " +
			"process (choose at most 1d)"},
		"a rule that waits without an end": {
			"rules: [{name: heap-after-gc, for: 9000d}]", "rules[0].for: the rule can never fire: it would have to " +
				"hold for 9000d without a break (choose at most 1w)",
		},
		"too few samples": {
			"min_samples: 5",
			"min_samples: 5 samples are too few for an interval (choose at least 6, or leave it out)",
		},
		"negative samples": {
			"min_samples: -1",
			"min_samples: -1 samples are too few for an interval (choose at least 6, or leave it out)",
		},
		"delivery":      {"delivery: both", `delivery: "both" is not a known delivery (choose push or prometheus)`},
		"shipped rules": {"shipped_rules: some", `shipped_rules: "some" is no choice of rules (choose all or named)`},
		"no such rule": {
			"rules: [{name: heap}]",
			`rules[0].name: there is no rule "heap" (choose one of ` +
				strings.Join(ShippedNames(), ", ") + `, or give the new rule a signal)`,
		},
		"a rule twice": {
			"rules: [{name: checkpoint-size}, {name: checkpoint-size}]",
			"rules[1].name: there are two items for checkpoint-size (merge them)",
		},
		"size as a time": {
			"rules: [{name: checkpoint-size, threshold: 60s}]",
			`rules[0].threshold: "60s" is not an amount of bytes above zero (write it as 512MiB or 2GiB)`,
		},
		"time as a size": {
			"rules: [{name: checkpoint-duration, threshold: 1GiB}]",
			`rules[0].threshold: "1GiB" is not an amount of seconds above zero (write it as 60s or 2m)`,
		},
		"nothing as a size": {
			"rules: [{name: checkpoint-size, threshold: 0MiB}]",
			`rules[0].threshold: "0MiB" is not an amount of bytes above zero (write it as 512MiB or 2GiB)`,
		},
		"more than the max": {
			"rules: [{name: heap-after-gc, fraction_of_max: 90}]",
			"rules[0].fraction_of_max: 90 is not between 0 and 1 (choose a fraction such as 0.9)",
		},
		"window of a rule": {
			"rules: [{name: heap-after-gc, window: 5s}]",
			"rules[0].window: 5s is too short or too long (choose between 1m and 1d)",
		},
		"too many stretches": {"rules: [{name: heap-after-gc, min_samples: 11}]", "rules[0].min_samples: the rule " +
			"uses the lowest sample of each twelfth of its window and never has 11 (choose at most 10)"},
		"samples of a rule": {
			"rules: [{name: heap-after-gc, min_samples: 2}]",
			"rules[0].min_samples: 2 samples are too few for an interval (choose at least 6, or leave it out)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			faults := configured(t, tc.text).Validate()
			require.Len(t, faults, 1)
			require.Equal(t, tc.fault, faults[0].Error())
		})
	}
}

func TestFaultsAreAllReported(t *testing.T) {
	faults := configured(t, "horizon: 0s\ndelivery: x\nrules: [{name: a}, {name: b}]").Validate()
	require.Equal(t, []string{"horizon", "delivery", "rules[0].name", "rules[1].name"}, paths(faults))
}

func paths(faults setting.Faults) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Path)
	}
	return out
}

func TestShippedRules(t *testing.T) {
	rules := DefaultConfig().EffectiveRules()
	require.GreaterOrEqual(t, len(rules), 16)
	require.Equal(t, []string{"checkpoint-duration", "checkpoint-size", "heap-after-gc"}, names(rules)[:3])
	for _, r := range rules {
		require.Equal(t, 2*time.Hour, r.Window)
		require.Equal(t, time.Hour, r.Horizon)
		require.True(t, r.LevelOnly || r.For == 15*time.Minute, r.Name)
	}
	require.Equal(t, signal.Run, rules[0].Scope)
	require.Equal(t, signal.Process, rules[2].Scope, "a leak survives the end of a job")
	require.Equal(t, 10*time.Minute, rules[2].Stretch)
}

func TestRulesAreChangedByName(t *testing.T) {
	rules := configured(t, `
window: 2m
horizon: 10m
for: 20s
min_samples: 6
rules:
  - {name: checkpoint-duration, disabled: true}
  - {name: heap-after-gc, window: 6m, fraction_of_max: 0.5, horizon: 30m, for: 1m, min_samples: 7}
  - {name: checkpoint-size, threshold: 512MiB}
`).EffectiveRules()
	require.Equal(t, []string{"checkpoint-size", "heap-after-gc"}, names(rules)[:2])

	size, heap := rules[0], rules[1]
	require.InDelta(t, 512<<20, *size.Threshold, 0)
	require.Equal(t, 2*time.Minute, size.Window)
	require.Equal(t, 6, size.MinSamples)

	require.Equal(t, 6*time.Minute, heap.Window)
	require.Equal(t, 30*time.Second, heap.Stretch, "a twelfth of its window")
	require.InDelta(t, 0.5, heap.FractionOfMax, 0)
	require.Equal(t, 30*time.Minute, heap.Horizon)
	require.Equal(t, time.Minute, heap.For)
	require.Equal(t, 7, heap.MinSamples)
}

// TestALimitReplacesTheShippedOnes changes limits of each kind. A shipped limit that stayed could be
// reached first.
func TestALimitReplacesTheShippedOnes(t *testing.T) {
	c := configured(t, `
shipped_rules: named
rules:
  - {name: checkpoint-size, multiple_of_median: 3}
  - {name: heap-after-gc, horizon: 30m}
  - {name: file-descriptors, threshold: 900, fraction_of_max: 0.8}
  - {name: retention, threshold: 2h}
`)
	require.Empty(t, c.Validate())
	rules := c.EffectiveRules()
	require.Equal(t, []string{"checkpoint-size", "heap-after-gc", "file-descriptors", "retention"}, names(rules))
	for i, want := range []float64{3e12, 9000, 900, 7200} {
		most, median := 10_000.0, 1e12
		if rules[i].Name == "retention" {
			most = 7 * 86400
		}
		limit, ok := rules[i].limit(&most, &median)
		require.True(t, ok, rules[i].Name)
		require.InDelta(t, want, limit, 1e-9, rules[i].Name)
	}
}

func TestOfTwoLimitsTheLowerHolds(t *testing.T) {
	most, seven := 1000.0, 700.0
	for name, tc := range map[string]struct {
		rule  Rule
		most  *float64
		limit float64
		ok    bool
	}{
		"threshold":             {Rule{Threshold: &seven}, nil, 700, true},
		"part":                  {Rule{FractionOfMax: 0.9}, &most, 900, true},
		"threshold is lower":    {Rule{Threshold: &seven, FractionOfMax: 0.9}, &most, 700, true},
		"part is lower":         {Rule{Threshold: &seven, FractionOfMax: 0.5}, &most, 500, true},
		"maximum isn't known":   {Rule{FractionOfMax: 0.9}, nil, 0, false},
		"one of two is unknown": {Rule{Threshold: &seven, FractionOfMax: 0.5}, nil, 700, true},
		"heap without a limit":  {Rule{FractionOfMax: 0.9}, new(float64), 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			limit, ok := tc.rule.limit(tc.most, nil)
			require.Equal(t, tc.ok, ok)
			require.InDelta(t, tc.limit, limit, 1e-9)
		})
	}
}

func names(rules []Rule) []string {
	out := make([]string, len(rules))
	for i, r := range rules {
		out[i] = r.Name
	}
	return out
}

func TestFormatAmount(t *testing.T) {
	for _, tc := range []struct {
		unit snapshot.Unit
		v    float64
		want string
	}{
		{snapshot.Bytes, 512 << 20, "512 MiB"},
		{snapshot.Bytes, 1.5 * (1 << 30), "1.5 GiB"},
		{snapshot.Bytes, 900, "900 B"},
		{snapshot.Bytes, 3 << 60, "3072 PiB"},
		{snapshot.Seconds, 60, "60 s"},
		{snapshot.Seconds, 0.25, "0.3 s"},
		{snapshot.Seconds, 600, "10 min"},
		{snapshot.Seconds, 2 * 3600, "2 h"},
		{snapshot.Seconds, 3 * 24 * 3600, "3 days"},
	} {
		require.Equal(t, tc.want, formatAmount(tc.unit, tc.v))
	}
}
