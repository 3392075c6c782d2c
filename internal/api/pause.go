package api

// Part is what can be paused.
type Part string

// The parts that can be paused.
const (
	PartProbe     Part = "probe"     // no synthetic records are sent
	PartProfiling Part = "profiling" // no profiles are taken
	PartLLM       Part = "llm"       // the LLM is asked nothing
)

// Parts are all of them, in the order in which they are listed.
func Parts() []Part { return []Part{PartProbe, PartProfiling, PartLLM} }

// PauseRequest names the part to pause or resume; empty is all of them.
type PauseRequest struct {
	Part Part `json:"part,omitempty"`
}

// PauseState is what is paused after a request.
type PauseState struct {
	Paused []Part `json:"paused"`
}
