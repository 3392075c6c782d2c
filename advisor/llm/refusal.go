package llm

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// fault is the error that a server reports about a request.
type fault struct {
	message string
	param   string // the refused parameter, empty if the server does not name it
	code    string
}

// isStated reports whether a response holds an error in a known form. Some servers send
// errors with status 200.
func (f fault) isStated() bool { return f.code != "" || f.param != "" }

// faultOf reads the error of a response. It knows the forms of several servers:
// OpenAI's, a plain text under "error", vLLM's without "error", FastAPI's "detail".
func faultOf(body []byte) fault {
	var outer struct {
		Error  json.RawMessage `json:"error"`
		Detail json.RawMessage `json:"detail"`
	}
	if err := json.Unmarshal(body, &outer); err != nil {
		return fault{message: string(body)}
	}
	for _, raw := range []json.RawMessage{outer.Error, body} {
		if out, ok := stated(raw); ok {
			return out
		}
	}
	var message string
	if json.Unmarshal(outer.Error, &message) == nil && message != "" {
		return fault{message: message}
	}
	return detailed(outer.Detail, body)
}

// stated reads {"message", "param", "code"}. A param that is not a text is ignored.
func stated(raw json.RawMessage) (fault, bool) {
	var said struct {
		Message string `json:"message"`
		Param   any    `json:"param"`
		Code    any    `json:"code"`
	}
	if err := json.Unmarshal(raw, &said); err != nil || said.Message == "" {
		return fault{}, false
	}
	param, _ := said.Param.(string)
	return fault{message: said.Message, param: param, code: fmt.Sprint(said.Code)}, true
}

// detailed reads [{"loc": ["body", "temperature"], "msg": …}].
func detailed(raw json.RawMessage, body []byte) fault {
	var details []struct {
		Loc []any  `json:"loc"`
		Msg string `json:"msg"`
	}
	if json.Unmarshal(raw, &details) != nil || len(details) == 0 {
		return fault{message: string(body)}
	}
	out := fault{message: details[0].Msg}
	for _, part := range details[0].Loc {
		if name, ok := part.(string); ok && name != "body" {
			out.param = name
			out.message = name + ": " + out.message
			break
		}
	}
	return out
}

// tooMuch matches errors about the size of a request. They name parameters that are not
// the cause.
var tooMuch = regexp.MustCompile(`(?i)context.?(length|window|size)|too (large|long|many)|` +
	`at most|less than or equal|exceed`)

func (f fault) isTooMuch() bool { return tooMuch.MatchString(f.message) || tooMuch.MatchString(f.code) }

// blames returns the parameter that the server refuses: the one that the server names,
// else the first one in its message that was sent. Empty means none.
func (f fault) blames(sent []string) string {
	if f.isTooMuch() {
		return ""
	}
	if f.param != "" {
		name, _, _ := strings.Cut(strings.TrimPrefix(f.param, "body."), ".")
		if slices.Contains(sent, name) {
			return name
		}
		return ""
	}
	for _, name := range sent {
		if regexp.MustCompile(`\b` + name + `\b`).MatchString(f.message) {
			return name
		}
	}
	return ""
}
