package llm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// Provider carries questions to an LLM.
type Provider interface {
	// Ask returns the answer. Its errors end in what to do and hold no secret.
	Ask(ctx context.Context, q Question) (Reply, error)
	// Prompt returns the exact bytes that Ask sends.
	Prompt(q Question) []byte
	// Source is the source of the LLM's findings: "llm:" and its name.
	Source() string
}

// Question is a question to an LLM. Each text in it has gone through redact.Text: only
// firstQuestion and repair make messages.
type Question struct {
	Messages []Message
}

// Message is one message of a conversation.
type Message struct {
	Role, Content string
}

// The roles of messages, as OpenAI calls them.
const (
	roleSystem    = "system"
	roleUser      = "user"
	roleAssistant = "assistant"
)

// Reply is the answer of an LLM.
type Reply struct {
	Content string
	// Truncated is set if the answer reached the maximum number of tokens and was cut
	// off.
	Truncated bool
	// PromptTokens and CompletionTokens are the server's counts; 0 means not known.
	PromptTokens, CompletionTokens int
}

// The possible faults of an answer as a whole.
var (
	errTruncated   = errors.New("the answer was cut off (raise advisor.openai.max_tokens, or lower reasoning_effort)")
	errRefused     = errors.New("the model refused to answer")
	errUnreachable = errors.New("the LLM can't be reached")
	errSlow        = errors.New("the LLM didn't answer in time")
	errForeign     = errors.New("the server's response is not a chat completion")
	errStatus      = errors.New("the LLM's server refused")
	errBudget      = errors.New("the day's requests are used up (raise advisor.requests_per_day)")
	errAdapted     = errors.New("it is left out from now on")
	errNoAnswer    = errors.New("no answer yet")
)

// repair is the second and last question. It follows an answer that can't be used.
func (q Question) repair(previous string, fault error) Question {
	q.Messages = slices.Clone(q.Messages)
	if previous = evidence.Clean(previous, maxRepeated); previous != "" {
		q.Messages = append(q.Messages, Message{Role: roleAssistant, Content: redact.Text(previous)})
	}
	ask := fmt.Sprintf("That can't be used: %s. Answer again: one complete JSON object as asked for, shorter if "+
		"need be, nothing else.", fault)
	if errors.Is(fault, errTruncated) {
		ask = "That was cut off. Answer again with at most 2 findings and no observations, each text one " +
			"sentence: one complete JSON object, nothing else."
	}
	q.Messages = append(q.Messages, Message{Role: roleUser, Content: redact.Text(ask)})
	return q
}

// maxRepeated bounds how much of a bad answer is sent back, in characters.
const maxRepeated = 4000
