package llm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// maxAnswer bounds an answer's text, in bytes.
const maxAnswer = 256 << 10

// maxObjects bounds how many JSON objects of a text are looked at.
const maxObjects = 100

// errAnswer is the common cause of answers that can't be used.
var errAnswer = errors.New("the answer is not what was asked for")

// parseAnswer finds the answer in what a model wrote: behind its thoughts, between
// prose, in a fence. Keys that were not asked for are ignored. What the schema
// demands and JSON can't express is left to verification, claim by claim.
func parseAnswer(content string) (Answer, error) {
	if len(content) > maxAnswer {
		return Answer{}, fmt.Errorf("%w: it has %d bytes, more than %d", errAnswer, len(content), maxAnswer)
	}
	if strings.TrimSpace(content) == "" {
		return Answer{}, fmt.Errorf("%w: it is empty", errAnswer)
	}
	given, err := lastAnswer(afterThoughts(content))
	if err != nil {
		if whole, wholeErr := lastAnswer(content); wholeErr == nil {
			return whole, nil
		}
	}
	return given, err
}

// afterThoughts is what follows the part in which a model thinks. Servers that
// don't know a model's marks leave them in the text.
func afterThoughts(content string) string {
	for _, mark := range []string{"</think>", "</thinking>", "</thought>", "</reasoning>", "[/THINK]", "<|message|>"} {
		if i := strings.LastIndex(content, mark); i >= 0 {
			content = content[i+len(mark):]
		}
	}
	return content
}

// lastAnswer returns the last answer of a text: drafts come before. One with
// findings counts more than one without, which may be an example.
func lastAnswer(content string) (Answer, error) {
	var best *Answer
	fault := errNoObject
	for at, looked := 0, 0; looked < maxObjects; looked++ {
		next := strings.IndexByte(content[at:], '{')
		if next < 0 {
			break
		}
		at += next
		given, length, err := answerAt(content[at:])
		if err != nil {
			if weight(err) >= weight(fault) {
				fault = err
			}
			at++
			continue
		}
		if best == nil || len(given.Findings) > 0 || len(best.Findings) == 0 {
			best = &given
		}
		at += length
	}
	if best == nil {
		return Answer{}, fmt.Errorf("%w: %w", errAnswer, fault)
	}
	return *best, nil
}

// The faults of an object, the one nearest to an answer last.
var (
	errNoObject   = errors.New("it holds no JSON object")
	errBroken     = errors.New("its JSON is broken")
	errFindings   = errors.New("it has no findings, not even an empty list")
	errIncomplete = errors.New("its JSON is not complete")
	errType       = errors.New("it has a value of a wrong type")
)

// weight orders faults: the error is about the object that is nearest to an answer.
func weight(fault error) int {
	return slices.IndexFunc([]error{errNoObject, errBroken, errFindings, errIncomplete, errType},
		func(known error) bool { return errors.Is(fault, known) })
}

// answerAt reads the object that a text begins with, and says how long it is.
func answerAt(text string) (Answer, int, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	var object struct {
		Findings json.RawMessage `json:"findings"`
	}
	var raw json.RawMessage
	if err := dec.Decode(&raw); err != nil {
		return Answer{}, 0, syntaxFault(err)
	}
	if err := json.Unmarshal(raw, &object); err != nil || len(object.Findings) == 0 ||
		string(object.Findings) == "null" {
		return Answer{}, 0, errFindings
	}
	var out Answer
	if err := json.Unmarshal(raw, &out); err != nil {
		return Answer{}, 0, typeFault(err)
	}
	return out, int(dec.InputOffset()), nil
}

func syntaxFault(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return errIncomplete
	}
	return fmt.Errorf("%w: %s", errBroken, evidence.Clean(err.Error(), evidence.MaxSubject))
}

// typeFault says which field has a value of a wrong type.
func typeFault(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%w: %s is a %s", errType,
			evidence.Clean(wrong.Field, evidence.MaxSubject), evidence.Clean(wrong.Value, evidence.MaxSubject))
	}
	return fmt.Errorf("%w: %s", errType, evidence.Clean(err.Error(), evidence.MaxSubject))
}
