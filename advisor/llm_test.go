package advisor

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// asking returns an Advisor that sends requests to server.
func asking(t *testing.T, server *llmtest.Server, change func(*Config)) *Advisor {
	t.Helper()
	t.Cleanup(server.Close)
	cfg := DefaultConfig()
	cfg.Provider, cfg.OpenAI.BaseURL, cfg.OpenAI.Model, cfg.OpenAI.APIKeyEnv = ProviderOpenAI, server.BaseURL(),
		"test-model", ""
	cfg.OpenAI.Timeout = model.Duration(10 * time.Second)
	if change != nil {
		change(&cfg)
	}
	require.Empty(t, cfg.Validate())
	a, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	return a
}

// kryoJob has Kryo in 800 of 2000 samples: E3 says so, E2 is the basis.
func kryoJob(t *testing.T) evidence.Bundle {
	return evidence.Bundle{
		Job: "orders", FlinkVersion: "2.3.0", Bottleneck: "v", Vertices: []evidence.Vertex{{
			ID:   "v",
			Name: "enrich", Busy: new(1.0),
		}},
		Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(1200),
			evidencetest.IntoUser[len(evidencetest.IntoTask)+1:]+";com/esotericsoftware/kryo/Kryo.writeObject",
			800)...)},
	}
}

// good is a correct claim about kryoJob.
func good() llm.Claim {
	return llm.Claim{
		Category: cause.GenericSerialization, Title: "Kryo takes 40 % of task time",
		Evidence: []llm.Citation{{ID: "E3", Quote: "40.0 %"}},
		LowGain:  new(20.0), HighGain: new(60.0), Confidence: 0.9, Why: "Enrich emits trees: 800 of 2000 " +
			"samples.", Change: "Register a POJO of 12 fields.", TradeOffs: "Migration.",
	}
}

func said(t *testing.T, a llm.Answer) string {
	t.Helper()
	if a.Findings == nil {
		a.Findings = []llm.Claim{}
	}
	if a.Observations == nil {
		a.Observations = []llm.Remark{}
	}
	text, err := json.Marshal(a)
	require.NoError(t, err)
	return string(text)
}

func requests(t *testing.T, a *Advisor, result string) float64 {
	t.Helper()
	return counted(t, a, "flink_sidecar_llm_requests_total", result)
}

// counted is the value of a counter with one label.
func counted(t *testing.T, a *Advisor, name, label string) float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	require.NoError(t, registry.Register(a.Collector()))
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			if family.GetName() == name && m.GetLabel()[0].GetValue() == label {
				return m.GetCounter().GetValue()
			}
		}
	}
	require.Fail(t, "no series "+name+" "+label)
	return 0
}

func TestAClaimThatHoldsIsAddedBehindTheRules(t *testing.T) {
	seen := llm.Remark{Text: "Kryo was seen in 800 samples.", Evidence: []llm.Citation{{
		ID:    "E3",
		Quote: "800 of 2000 samples",
	}}}
	server := llmtest.NewServer(llmtest.Reply{Content: said(t, llm.Answer{
		Findings:     []llm.Claim{good()},
		Observations: []llm.Remark{seen},
	})})
	a := asking(t, server, nil)
	rules := Rules(kryoJob(t))
	adv := a.Advise(t.Context(), kryoJob(t))

	require.Empty(t, adv.Rejected)
	require.Len(t, adv.Findings, 2)
	require.Equal(t, rules.Findings[0], adv.Findings[0], "the rule's finding does not change")
	require.Equal(t, episode.Finding{
		ID: "F2", Category: cause.GenericSerialization, Title: "Kryo takes 40 % of task time", Rank: 2,
		Impact:     &episode.Impact{LowPercent: 20, HighPercent: 60},
		Confidence: 0.6, Severity: episode.Critical, Evidence: []string{"E3"},
		Why: "Enrich emits trees: 800 of 2000 samples.", Change: "Register a POJO of 12 fields.",
		TradeOffs: "Migration.", Source: "llm:test-model",
	}, adv.Findings[1])
	require.Equal(t, "Kryo was seen in 800 samples. (E3; llm:test-model)", adv.Observations[len(adv.Observations)-1])
	require.InDelta(t, 1, requests(t, a, "ok"), 0)
	up, known := a.Up()
	require.True(t, up && known)
}

func TestClaimsThatDoNotHoldAreDroppedAndCounted(t *testing.T) {
	for _, tc := range []struct {
		reason, detail string
		change         func(*llm.Claim)
	}{
		{
			"unknown-category", `there is no category "make-it-fast"`,
			func(c *llm.Claim) { c.Category = "make-it-fast" },
		},
		{"empty-text", "title, why or change is empty", func(c *llm.Claim) { c.Change = " \n" }},
		{"bad-range", "confidence 1.5 is not between 0 and 1", func(c *llm.Claim) { c.Confidence = 1.5 }},
		{"no-evidence", "it cites nothing", func(c *llm.Claim) { c.Evidence = nil }},
		{"unknown-evidence", `there is no evidence "E999"`, func(c *llm.Claim) { c.Evidence[0].ID = "E999" }},
		{"wrong-quote", `E3 does not say "87 %"`, func(c *llm.Claim) { c.Evidence[0].Quote = "87 %" }},
		{"wrong-quote", `E3 does not say ""`, func(c *llm.Claim) { c.Evidence[0].Quote = "" }},
		{"wrong-number", "87 % is no number of E3", func(c *llm.Claim) { c.Title = "Kryo takes 87 % of task time" }},
		{"wrong-number", "1200 ms is no number of E3", func(c *llm.Claim) { c.Why = "Each call takes 1,200 ms." }},
		{
			"beyond-bound", "a gain of 400.0 % is more than the 66.7 % that a share of 40.0 % allows",
			func(c *llm.Claim) { c.HighGain = new(400.0) },
		},
		{
			"bad-range", "a gain has a low end of at least 0 and a high end above it",
			func(c *llm.Claim) { c.LowGain = new(61.0) },
		},
		{
			"bad-range", "a gain has a low end of at least 0 and a high end above it",
			func(c *llm.Claim) { c.LowGain = nil },
		},
		{"unbounded-gain", "no cited evidence bounds a gain", func(c *llm.Claim) {
			c.Title, c.Why, c.Evidence = "Slow", "Slow.", []llm.Citation{{ID: "E1", Quote: "busy"}}
		}},
	} {
		t.Run(tc.reason+" "+tc.detail, func(t *testing.T) {
			c := good()
			tc.change(&c)
			a := asking(t, llmtest.NewServer(llmtest.Reply{Content: said(t,
				llm.Answer{Findings: []llm.Claim{c}})}), nil)
			adv := a.Advise(t.Context(), kryoJob(t))
			require.Len(t, adv.Findings, 1)
			require.Equal(t, []episode.Rejection{{
				Reason: tc.reason, Detail: tc.detail, Title: c.Title,
				Source: "llm:test-model",
			}}, adv.Rejected)
			require.InDelta(t, 1, counted(t, a, "flink_sidecar_llm_rejections_total", tc.reason), 0)
		})
	}
}

func TestBoundOfSeveralFramesCountsWhatTheyShareOnce(t *testing.T) {
	b := kryoJob(t)
	adv, f := analyse(&b)
	var cited []string
	for _, e := range adv.Evidence {
		if e.Subject == "com.acme.orders.Enrich.processElement" ||
			e.Subject == "com.esotericsoftware.kryo.Kryo.writeObject" {
			cited = append(cited, e.ID)
		}
	}
	require.Len(t, cited, 3, "the rule's entry, the hot frame and the user's frame")
	share, bounded := f.ShareOf(cited)
	require.True(t, bounded)
	require.InDelta(t, 0.4, share, 1e-9)
}

func TestNothingSignificantRejectsEveryClaim(t *testing.T) {
	b := evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(t, "ITIMER",
		append(evidencetest.Flat(400), "com/acme/A.b;org/apache/flink/X.y", 20)...)}}
	prompt := Rules(b)
	require.Empty(t, prompt.Findings)
	var frames []llm.Citation
	for _, e := range prompt.Evidence {
		if e.Kind == evidence.KindFrame {
			frames = append(frames, llm.Citation{ID: e.ID, Quote: e.Subject})
		}
	}
	c := llm.Claim{
		Category: cause.Other, Title: "Rewrite it", Evidence: frames, LowGain: new(10.0),
		HighGain: new(300.0), Why: "Slow.", Change: "Rewrite.",
	}
	noted := c
	noted.LowGain, noted.HighGain = nil, nil
	a := asking(t, llmtest.NewServer(llmtest.Reply{Content: said(t,
		llm.Answer{Findings: []llm.Claim{c, noted}})}), nil)
	adv := a.Advise(t.Context(), b)
	require.Len(t, adv.Rejected, 1)
	require.Equal(t, "nothing-significant", adv.Rejected[0].Reason)
	require.Len(t, adv.Findings, 1)
	require.Nil(t, adv.Findings[0].Impact)
	require.Equal(t, episode.Info, adv.Findings[0].Severity)
}

func TestAnswersAreBounded(t *testing.T) {
	var many llm.Answer
	for i := range 12 {
		c := good()
		c.Title = fmt.Sprintf("Kryo takes 40 %% of task time, part E%d", i)
		many.Findings = append(many.Findings, c)
		many.Observations = append(many.Observations, llm.Remark{Text: "Kryo.", Evidence: c.Evidence})
	}
	many.Findings[1] = many.Findings[0]
	a := asking(t, llmtest.NewServer(llmtest.Reply{Content: said(t, many)}), nil)
	adv := a.Advise(t.Context(), kryoJob(t))
	require.Len(t, adv.Findings, 1+8-1)
	require.Len(t, adv.Observations, 5)
	counts := map[string]int{}
	for _, r := range adv.Rejected {
		counts[r.Reason]++
	}
	require.Equal(t, map[string]int{"duplicate": 1, "too-many": 4 + 7}, counts)
}

func TestAPIKey(t *testing.T) {
	const key = "sk-test-0123456789"
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte(key+"\n"), 0o600))
	t.Setenv("SIDECAR_TEST_KEY", key)
	for name, change := range map[string]func(*Config){
		"file":        func(c *Config) { c.OpenAI.APIKeyFile = file },
		"environment": func(c *Config) { c.OpenAI.APIKeyEnv = "SIDECAR_TEST_KEY" },
	} {
		server := llmtest.NewServer(llmtest.Reply{Content: said(t, llm.Answer{})})
		server.Key = key
		require.Empty(t, asking(t, server, change).Advise(t.Context(), kryoJob(t)).Warnings, name)
	}
}

func TestAPIKeyIsNotRepeated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(file, []byte("plainword"), 0o600))
	server := llmtest.NewServer(llmtest.Reply{})
	server.Key = "another"
	adv := asking(t, server, func(c *Config) { c.OpenAI.APIKeyFile = file }).Advise(t.Context(), kryoJob(t))
	require.Equal(t, []string{"the advice comes from the rules only: the LLM's server refused with status 401: Incorrect " +
		"API key provided: [redacted] (check advisor.openai.api_key_file or api_key_env)"}, adv.Warnings)

	require.NoError(t, os.WriteFile(file, []byte("a\nb"), 0o600))
	adv = asking(t, llmtest.NewServer(llmtest.Reply{}), func(c *Config) { c.OpenAI.APIKeyFile = file }).
		Advise(t.Context(), kryoJob(t))
	require.Contains(t, adv.Warnings[0], "holds no API key in one line (check advisor.openai.api_key_file)")

	adv = asking(t, llmtest.NewServer(llmtest.Reply{}), func(c *Config) {
		c.OpenAI.APIKeyFile = file +
			"x"
	}).Advise(t.Context(), kryoJob(t))
	require.Contains(t, adv.Warnings[0], "no such file or directory (check advisor.openai.api_key_file)")
}

func TestRequestsPerDayAreLimited(t *testing.T) {
	server := llmtest.NewServer(llmtest.Reply{Content: said(t, llm.Answer{})})
	a := asking(t, server, func(c *Config) { c.RequestsPerDay = 2 })
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	a.analyst.Now = func() time.Time { return now }
	for range 2 {
		require.Empty(t, a.Advise(t.Context(), kryoJob(t)).Warnings)
	}
	require.Equal(t, []string{"the advice comes from the rules only: the day's requests are used up (raise " +
		"advisor.requests_per_day)"}, a.Advise(t.Context(), kryoJob(t)).Warnings)
	require.Len(t, server.Requests(), 2)
	now = now.Add(24 * time.Hour)
	require.Empty(t, a.Advise(t.Context(), kryoJob(t)).Warnings)
}

func TestPausedMakesNoRequest(t *testing.T) {
	server := llmtest.NewServer(llmtest.Reply{})
	a := asking(t, server, nil)
	a.Paused = func() bool { return true }
	require.Equal(t, []string{"the LLM was not asked: it is paused (sidecar resume llm)"}, a.Advise(t.Context(),
		kryoJob(t)).Warnings)
	require.Empty(t, server.Requests())
}

func TestStoppingEndsTheWait(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := llmtest.NewServer(llmtest.Reply{
		Wait: make(chan struct{}),
		From: func(string) string { cancel(); return "" },
	})
	a := asking(t, server, nil)
	require.Equal(t, []string{"the advice comes from the rules only: context canceled"}, a.Advise(ctx, kryoJob(t)).Warnings)
}

func TestAnswerByHand(t *testing.T) {
	dir := t.TempDir()
	cfg := DefaultConfig()
	cfg.Provider, cfg.File = ProviderFile, llm.FileConfig{
		Prompt: filepath.Join(dir, "prompt.txt"),
		Answer: filepath.Join(dir, "answer.json"),
	}
	require.Empty(t, cfg.Validate())
	a, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)

	adv := a.Advise(t.Context(), kryoJob(t))
	require.Equal(t, []string{fmt.Sprintf("the advice comes from the rules only: no answer yet: the prompt is in %s (put "+
		"the answer into %s and run this again)", cfg.File.Prompt, cfg.File.Answer)}, adv.Warnings)
	prompt, err := os.ReadFile(cfg.File.Prompt)
	require.NoError(t, err)
	require.Equal(t, string(a.Prompt(kryoJob(t))), string(prompt))
	require.Contains(t, string(prompt), `"low_gain_percent"`, "the prompt contains the schema")

	require.NoError(t, os.WriteFile(cfg.File.Answer, []byte(said(t, llm.Answer{Findings: []llm.Claim{good()}})),
		0o600))
	adv = a.Advise(t.Context(), kryoJob(t))
	require.Equal(t, "llm:file", adv.Findings[1].Source)

	other := kryoJob(t)
	other.Job = "another"
	require.Len(t, a.Advise(t.Context(), other).Findings, 1, "the answer belongs to another prompt")
}

func TestProviderNoneUsesTheRulesOnly(t *testing.T) {
	a, err := New(DefaultConfig(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.Equal(t, Rules(kryoJob(t)), a.Advise(t.Context(), kryoJob(t)))
	require.Contains(t, string(a.Prompt(kryoJob(t))), `"response_format"`)
	_, known := a.Up()
	require.False(t, known)
}
