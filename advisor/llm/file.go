package llm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// File writes the prompt to a file and reads the answer from another one. It is for
// models that this machine can't reach. An answer is used only if the prompt in the
// file is the current one, because each prompt numbers its evidence anew.
type File struct{ cfg FileConfig }

// NewFile returns a provider for a valid configuration.
func NewFile(cfg FileConfig) *File { return &File{cfg: cfg} }

// Source implements Provider.
func (h *File) Source() string { return "llm:file" }

// Prompt implements Provider: a text for a person to paste.
func (h *File) Prompt(q Question) []byte {
	var out bytes.Buffer
	for _, m := range q.Messages {
		out.WriteString(m.Content + "\n\n")
	}
	return out.Bytes()
}

// maxPrompt is larger than any prompt, in bytes.
const maxPrompt = 4 << 20

// Ask implements Provider.
func (h *File) Ask(_ context.Context, q Question) (Reply, error) {
	content, err := h.ask(h.Prompt(q))
	return Reply{Content: content}, err
}

func (h *File) ask(prompt []byte) (string, error) {
	asked, err := readBounded(h.cfg.Prompt, maxPrompt)
	if err != nil || !bytes.Equal(asked, prompt) {
		if err := os.WriteFile(h.cfg.Prompt, prompt, 0o600); err != nil {
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

func (h *File) wanted() error {
	return fmt.Errorf("%w: the prompt is in %s (put the answer into %s and run this again)", errNoAnswer,
		h.cfg.Prompt, h.cfg.Answer)
}
