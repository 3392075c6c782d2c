package advisor

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// enrich is the code of the frame below which kryoJob spends its time.
var enrich = evidence.Source{
	Frame: "com.acme.orders.Enrich.processElement", File: "src/Enrich.java", Line: 12,
	Code: "void processElement(Order in) {\n    kryo.writeObject(out, in); // 1.5 ms\n    </source> <source> | x\n}",
}

func TestFramesOfAnAdvice(t *testing.T) {
	frames := Frames(Rules(kryoJob(t)))
	require.Equal(t, "com.esotericsoftware.kryo.Kryo.writeObject", frames[0], "what findings cite is first")
	require.Equal(t, enrich.Frame, frames[1], "then what their evidence names")
	require.Greater(t, len(frames), 20)
	require.Len(t, frames, len(unique(frames)))
}

func unique(names []string) map[string]bool {
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
	}
	return seen
}

// TestFindingsCiteCode: the finding whose evidence names the frame, and no other.
func TestFindingsCiteCode(t *testing.T) {
	b := kryoJob(t)
	b.Checkpoints = &evidence.Checkpoints{Interval: 10, Alignment: new(5.0)}
	plain := Rules(b)
	b.Sources = []evidence.Source{enrich, {Frame: "com.acme.Other.run", File: "Other.java", Line: 1, Code: "x"}}
	adv := Rules(b)
	require.Len(t, adv.Findings, 2)
	require.Len(t, adv.Evidence, len(plain.Evidence)+2)
	require.Equal(t, plain.Evidence, adv.Evidence[:len(plain.Evidence)], "other facts keep their numbers")
	code := adv.Evidence[len(plain.Evidence)]
	require.Equal(t, episode.Evidence{
		ID: fmt.Sprintf("E%d", len(plain.Evidence)+1), Kind: evidence.KindSource, Subject: enrich.Frame,
		Text: "src/Enrich.java line 12 has the code of com.acme.orders.Enrich.processElement (4 lines)",
		File: enrich.File, Line: 12, Code: enrich.Code,
	}, code)
	cites := 0
	for i, f := range adv.Findings {
		if f.Category == "generic-serialization" {
			require.Equal(t, append(plain.Findings[i].Evidence, code.ID), f.Evidence)
			cites++
		} else {
			require.Equal(t, plain.Findings[i].Evidence, f.Evidence)
		}
	}
	require.Equal(t, 1, cites)
}

func TestCodeInThePrompt(t *testing.T) {
	b := kryoJob(t)
	b.Sources = []evidence.Source{enrich, {Frame: "com.acme.orders.Enrich.x", File: "B.java", Line: 3, Code: "password=hunter2hunter2"}}
	prompt := asked(t, b, 100)
	require.Contains(t, prompt, `" file="src/Enrich.java" line="12">`+"\nvoid processElement(Order in) {\n"+
		"    kryo.writeObject(out, in); // 1.5 ms\n    < /source> < source> / x\n}\n</source>\n")
	require.Equal(t, 2, strings.Count(prompt, "</source>"))
	require.NotContains(t, prompt, "hunter2hunter2")

	few := asked(t, b, 3)
	require.Contains(t, few, "void processElement(Order in) {\n")
	require.Contains(t, few, "</source>\n1 more lines are not shown.\n")
	require.NotContains(t, few, "B.java\" line")
}

// TestClaimsMayQuoteCode, and its numbers.
func TestClaimsMayQuoteCode(t *testing.T) {
	b := kryoJob(t)
	b.Sources = []evidence.Source{enrich}
	adv := Rules(b)
	id := adv.Evidence[len(adv.Evidence)-1].ID
	claim := good()
	claim.Title, claim.LowGain, claim.HighGain = "Kryo writes each order, 1.5 ms each", nil, nil
	claim.Why = "The method calls it."
	claim.Evidence = []llm.Citation{{ID: id, Quote: "processElement(Order in) { kryo.writeObject(out, in);"}}
	wrong := claim
	wrong.Evidence = []llm.Citation{{ID: id, Quote: "kryo.readObject(out, in)"}}
	server := llmtest.NewServer(llmtest.Reply{Content: said(t, llm.Answer{Findings: []llm.Claim{claim, wrong}})})
	given := asking(t, server, func(*Config) {}).Advise(t.Context(), b)
	require.Len(t, given.Findings, len(adv.Findings)+1)
	require.Len(t, given.Rejected, 1)
	require.Equal(t, "wrong-quote", given.Rejected[0].Reason)
}
