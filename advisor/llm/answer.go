package llm

import (
	"github.com/invopop/jsonschema"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Answer is the form of the LLM's answer. The field tags make the JSON schema. Strict
// mode requires every property and allows no other, so an optional property is null.
type Answer struct {
	Findings     []Claim  `json:"findings"`
	Observations []Remark `json:"observations"`
}

// Claim is one recommendation before the checks.
type Claim struct {
	Category   categoryName `json:"category"`
	Title      string       `json:"title" jsonschema:"description=one line that names the bottleneck and its measured share"`
	Evidence   []Citation   `json:"evidence" jsonschema:"description=what supports this; at least one"`
	LowGain    *float64     `json:"low_gain_percent" jsonschema:"anyof_type=number;null,description=least gain in throughput in percent; null where no evidence bounds it"`
	HighGain   *float64     `json:"high_gain_percent" jsonschema:"anyof_type=number;null,description=most gain in throughput in percent; at most the bound of the cited evidence"`
	Confidence float64      `json:"confidence" jsonschema:"description=between 0 and 1"`
	Why        string       `json:"why" jsonschema:"description=the root cause and how the evidence shows it"`
	Change     string       `json:"change" jsonschema:"description=what to change: one specific thing"`
	TradeOffs  string       `json:"trade_offs"`
}

// Citation refers to one entry of the evidence.
type Citation struct {
	ID    string `json:"id" jsonschema:"description=such as E3"`
	Quote string `json:"quote" jsonschema:"description=the number or the words relied upon exactly as the entry has them"`
}

// Remark is a further observation.
type Remark struct {
	Text     string     `json:"text"`
	Evidence []Citation `json:"evidence"`
}

// categoryName is a string from the list of categories.
type categoryName string

// JSONSchema makes the schema an enumeration.
func (categoryName) JSONSchema() *jsonschema.Schema {
	schema := &jsonschema.Schema{Type: "string"}
	for _, c := range cause.Categories() {
		schema.Enum = append(schema.Enum, c)
	}
	return schema
}

// answerSchema is the JSON schema of an answer.
func answerSchema() *jsonschema.Schema {
	reflector := jsonschema.Reflector{Anonymous: true, DoNotReference: true}
	schema := reflector.Reflect(Answer{})
	schema.Version = ""
	return schema
}

// The maximum lengths of a finding's texts, in characters.
const (
	maxTitle = 120
	maxProse = 1200
)

func (c Claim) finding(source string) episode.Finding {
	return episode.Finding{
		Category: string(c.Category), Title: evidence.Clean(c.Title, maxTitle), Why: evidence.Clean(c.Why, maxProse),
		Change: evidence.Clean(c.Change, maxProse), TradeOffs: evidence.Clean(c.TradeOffs, maxProse), Source: source,
	}
}
