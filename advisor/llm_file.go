package advisor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	openai "github.com/sashabaranov/go-openai"
)

// byHand writes the prompt to a file and reads the answer from another, for
// those who may use a model but not from this machine. An answer counts only
// while the prompt it answers is the one in the file: ids of evidence mean
// something else in the next.
type byHand struct{ cfg FileConfig }

// maxPrompt is far beyond any prompt.
const maxPrompt = 4 << 20

func (h *byHand) ask(_ context.Context, request openai.ChatCompletionRequest) (string, error) {
	prompt := plain(request)
	asked, err := readBounded(h.cfg.Prompt, maxPrompt)
	if err != nil || string(asked) != prompt {
		if err := os.WriteFile(h.cfg.Prompt, []byte(prompt), 0o600); err != nil {
			return "", fmt.Errorf("writing the prompt: %w (check advisor.file.prompt)", err)
		}
		return "", h.wanted()
	}
	raw, err := readBounded(h.cfg.Answer, maxAnswer)
	if errors.Is(err, fs.ErrNotExist) {
		return "", h.wanted()
	}
	if err != nil {
		return "", fmt.Errorf("reading the answer: %w (check advisor.file.answer)", err)
	}
	return string(raw), nil
}

func (h *byHand) wanted() error {
	return fmt.Errorf("%w: the prompt is in %s (put the answer into %s and run this again)", errNoAnswer, h.cfg.Prompt, h.cfg.Answer)
}
