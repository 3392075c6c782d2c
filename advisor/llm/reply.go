package llm

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// replyOf returns the answer's text from a response. The finish reason matters only if
// the text is not readable, because servers use many words for a normal end.
func replyOf(response openai.ChatCompletionResponse, body []byte) (Reply, error) {
	reply := Reply{PromptTokens: response.Usage.PromptTokens, CompletionTokens: response.Usage.CompletionTokens}
	if len(response.Choices) == 0 {
		return reply, fmt.Errorf("%w: it has no choices (check advisor.openai.base_url)", errForeign)
	}
	choice := response.Choices[0]
	if choice.Message.Refusal != "" {
		return reply, fmt.Errorf("%w: %s", errRefused, evidence.Clean(redact.Text(choice.Message.Refusal),
			evidence.MaxSubject))
	}
	if choice.FinishReason == openai.FinishReasonContentFilter {
		return reply, errFiltered
	}
	reply.Content = cmp.Or(text(choice.Message), strings.TrimSpace(choice.Message.ReasoningContent), reasoning(body))
	reply.Truncated = choice.FinishReason == openai.FinishReasonLength
	if reply.Content == "" && !reply.Truncated {
		reason := evidence.Clean(string(choice.FinishReason), maxTitle)
		return reply, fmt.Errorf("%w: it is empty, with finish_reason %q", errAnswer, reason)
	}
	return reply, nil
}

// text is the content of a message. The content may have several parts.
func text(message openai.ChatCompletionMessage) string {
	parts := []string{message.Content}
	for _, part := range message.MultiContent {
		parts = append(parts, part.Text)
	}
	return strings.TrimSpace(strings.Join(parts, ""))
}

// reasoning returns the field reasoning of the first message, which the client does not
// decode. Some servers put the whole answer there and leave the content empty.
func reasoning(body []byte) string {
	var response struct {
		Choices []struct {
			Message struct {
				Reasoning string `json:"reasoning"`
			} `json:"message"`
		} `json:"choices"`
	}
	if err := json.Unmarshal(body, &response); err != nil || len(response.Choices) == 0 {
		return ""
	}
	return strings.TrimSpace(response.Choices[0].Message.Reasoning)
}
