package llm

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/advisor/rules"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

const oneFinding = `{"findings":[{"category":"other","title":"one","evidence":[{"id":"E1","quote":"busy"}],"low_gain_percent":null,` +
	`"high_gain_percent":null,"confidence":0.5,"why":"w","change":"c","trade_offs":""}],"observations":[]}`

var bareFinding = strings.TrimSuffix(strings.TrimPrefix(oneFinding, `{"findings":`), `,"observations":[]}`)

const noFinding = `{"findings":[],"observations":[]}`

func TestParseAnswer(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		findings      int
		fault         string
	}{
		{"plain", oneFinding, 1, ""},
		{"none", noFinding, 0, ""},
		{"draft, then final", noFinding + "\nFinal:\n" + oneFinding, 1, ""},
		{"final, then example", oneFinding + noFinding, 1, ""},
		{"all of it in thoughts", "<think>" + oneFinding + "</think>", 1, ""},
		{
			"mark of thoughts in a text", strings.Replace(oneFinding, `"why":"w"`, `"why":"it wrote </think>"`, 1),
			1, "",
		},
		{"thoughts that never end", "<think>{\"findings\": maybe " + oneFinding, 1, ""},
		{"byte order mark", "\ufeff" + oneFinding, 1, ""},
		{"a list without the object around it", "Here:\n" + bareFinding, 1, ""},
		{"a list of citations", `[{"id":"E1","quote":"busy"}]`, 0, "it has no findings, not even an empty list"},
		{"an empty list", `[]`, 0, "it holds no JSON object"},
		{"a list that is cut off", `[{"category":"other","title":"one"`, 0, "its JSON is not complete"},
		{"blank", " \n", 0, "it is empty"},
		{"prose", "I think you should", 0, "it holds no JSON object"},
		{"another object", `{"a":{"b":1}}`, 0, "it has no findings, not even an empty list"},
		{"null", `{"findings":null}`, 0, "it has no findings, not even an empty list"},
		{"cut off", oneFinding[:100], 0, "its JSON is not complete"},
		{"broken", `{"findings":[,]}`, 0, "its JSON is broken: invalid character ',' looking for beginning of value"},
		{
			"broken around whole objects", strings.TrimSuffix(oneFinding, "}") + ",}", 0,
			"its JSON is broken: invalid character '}' looking for beginning of object key string",
		},
		{
			"wrong type", strings.Replace(oneFinding, "0.5", `"high"`, 1), 0,
			"it has a value of a wrong type: findings.confidence is a string",
		},
		{"not a list", `{"findings":"none"}`, 0, "it has a value of a wrong type: findings is a string"},
		{"too long", strings.Repeat("x", maxAnswer+1), 0, "it has 262145 bytes, more than 262144"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			given, err := parseAnswer(tc.content)
			if tc.fault != "" {
				require.EqualError(t, err, "the answer is not what was asked for: "+tc.fault)
				return
			}
			require.NoError(t, err)
			require.Len(t, given.Findings, tc.findings)
		})
	}
}

// A hostile answer is read in bounded time.
func TestHostileAnswersAreReadQuickly(t *testing.T) {
	for name, content := range map[string]string{
		"open braces":     strings.Repeat("{", maxAnswer),
		"nested objects":  strings.Repeat(`{"a":`, maxAnswer/5),
		"many objects":    strings.Repeat("{}", maxAnswer/2),
		"nested and shut": strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000),
	} {
		start := time.Now()
		_, err := parseAnswer(content)
		require.Error(t, err, name)
		require.Less(t, time.Since(start), 30*time.Second, "%s: without a bound it takes minutes", name)
	}
}

// For any answer, the evidence supports each added finding.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		oneFinding, noFinding, "<think>x</think>" + oneFinding, "```json\n" + oneFinding + "\n```\nmore",
		`{"answer":` + oneFinding + `}`,
		`{"findings":[{"category":"generic-serialization","title":"Kryo takes 40 %","evidence":[{"id":"E2","quote":"40.0 %"}],"low_gain_percent":1,` +
			`"high_gain_percent":60,"confidence":1,"why":"40 %","change":"c"}],"observations":[{"text":"40 %","evidence":[{"id":"E2","quote":"40 %"}]}]}`,
		`{"findings":[{"low_gain_percent":-1e308,"high_gain_percent":1e308,"confidence":-1}]}`,
	} {
		f.Add(seed)
	}
	kryo := "org/apache/flink/x/Y.z;com/esotericsoftware/kryo/Kryo.writeObject"
	b := evidence.Bundle{Profiles: []evidence.Profile{evidencetest.Tasks(f, "ITIMER",
		append(evidencetest.Flat(600), kryo, 400)...)}}
	facts := cause.Examine(&b, rules.All())
	facts.Judge()
	facts.AddContext()
	most := cause.Gain(1)
	f.Fuzz(func(t *testing.T, content string) {
		given, err := parseAnswer(content)
		if err != nil {
			require.ErrorIs(t, err, errAnswer)
			require.LessOrEqual(t, len(err.Error()), 1000)
			return
		}
		require.NotNil(t, given.Findings)
		added := verifyAnswer(facts, given, "llm:fuzz")
		require.LessOrEqual(t, len(added.Findings), mostClaims)
		require.LessOrEqual(t, len(added.Observations), mostRemarks)
		for _, finding := range added.Findings {
			require.Contains(t, cause.Categories(), finding.Category)
			require.NotEmpty(t, finding.Evidence)
			for _, id := range finding.Evidence {
				_, ok := facts.Book.Find(id)
				require.True(t, ok, id)
			}
			require.True(t, finding.Confidence >= 0 && finding.Confidence <= cause.SureOfHints, "%g",
				finding.Confidence)
			if i := finding.Impact; i != nil {
				require.True(t, i.LowPercent >= 0 && i.LowPercent <= i.HighPercent && i.HighPercent <= most,
					fmt.Sprint(*i))
			}
		}
		_, err = json.Marshal(added)
		require.NoError(t, err)
	})
}
