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

// maxObjects bounds the number of JSON objects that are read from a text.
const maxObjects = 100

// maxRead bounds the bytes that are read of a text, because the objects in an object are
// read again.
const maxRead = 16 * maxAnswer

// errAnswer is the common cause of unusable answers.
var errAnswer = errors.New("the answer is not what was asked for")

// parseAnswer finds the answer in a model's text: after its thoughts, between prose, in
// a fence. Unknown keys are ignored. Requirements of the schema that JSON can't express
// are verified later for each claim.
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

// afterThoughts returns the text after the model's thoughts. Servers that do not know a
// model's marks leave the thoughts in the text.
func afterThoughts(content string) string {
	for _, mark := range []string{"</think>", "</thinking>", "</thought>", "</reasoning>", "[/THINK]", "<|message|>"} {
		if i := strings.LastIndex(content, mark); i >= 0 {
			content = content[i+len(mark):]
		}
	}
	return content
}

// lastAnswer returns the last answer of a text, because drafts come before it. An
// answer with findings is preferred to one without, which may be an example.
func lastAnswer(content string) (Answer, error) {
	var best *Answer
	fault := errNoObject
	for at, looked, read := 0, 0, 0; looked < maxObjects && read < maxRead; looked++ {
		next := strings.IndexByte(content[at:], '{')
		if next < 0 {
			break
		}
		at += next
		text := strings.NewReader(content[at:])
		given, length, err := answerAt(text)
		read += int(text.Size()) - text.Len()
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
	if best != nil {
		return *best, nil
	}
	if claims := bareList(content); len(claims) > 0 && weight(fault) <= weight(errFindings) {
		return Answer{Findings: claims}, nil
	}
	return Answer{}, fmt.Errorf("%w: %w", errAnswer, fault)
}

// bareList returns the findings of a model that left out the object around its list; nil if the text has
// no such list. A list of citations has no categories, so it is not one.
func bareList(content string) []Claim {
	at := strings.IndexAny(content, "[{")
	if at < 0 || content[at] == '{' {
		return nil
	}
	var claims []Claim
	if err := json.NewDecoder(strings.NewReader(content[at:])).Decode(&claims); err != nil {
		return nil
	}
	if slices.ContainsFunc(claims, func(c Claim) bool { return c.Category == "" }) {
		return nil
	}
	return claims
}

// The faults of an object. Later entries are closer to a correct answer.
var (
	errNoObject   = errors.New("it holds no JSON object")
	errFindings   = errors.New("it has no findings, not even an empty list")
	errBroken     = errors.New("its JSON is broken")
	errIncomplete = errors.New("its JSON is not complete")
	errType       = errors.New("it has a value of a wrong type")
)

// weight orders faults. The reported error is the fault of the object closest to a
// correct answer.
func weight(fault error) int {
	return slices.IndexFunc([]error{errNoObject, errFindings, errBroken, errIncomplete, errType},
		func(known error) bool { return errors.Is(fault, known) })
}

// answerAt reads the object at the start of a text and returns its length.
func answerAt(text *strings.Reader) (Answer, int, error) {
	dec := json.NewDecoder(text)
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
