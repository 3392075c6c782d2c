// Package llmtest is a server with OpenAI's chat completions that answers from a
// script. Tests use it, and stacks that need an LLM without a model. It is as strict
// with requests as the real server: a strict JSON schema must list every property as
// required and allow no other, and the request must bound the length of the answer.
package llmtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Reply is one answer of the script. The zero value is an empty message with a normal
// end.
type Reply struct {
	// Content is the message's text.
	Content string
	// From makes the content from the user's message and replaces Content. The server
	// calls it when the request arrives, before Wait.
	From func(prompt string) string
	// Finish is the finish_reason; empty means "stop".
	Finish string
	// Refusal is the model's refusal.
	Refusal string
	// Message holds further fields of the message, which replace the usual ones. A
	// finish_reason in it replaces that of the choice.
	Message map[string]any
	// Status is the HTTP status, sent with Body or with an error object; 0 means 200.
	Status int
	// Body, if set, is sent unchanged and replaces all other fields.
	Body string
	// Location makes the reply a redirect, with Status.
	Location string
	// Wait delays the answer until it is closed; nil means no delay.
	Wait <-chan struct{}
}

// Request is a request of a client.
type Request struct {
	Header http.Header
	// Body is the request's body, byte by byte.
	Body []byte
	// Prompt is the content of the last user message.
	Prompt string
}

// Server is a running server. Its base URL for clients is URL + "/v1".
type Server struct {
	*httptest.Server
	// Key is the API key that a client must send; empty means none.
	Key string
	// Refuses lists parameters that the server answers with 400, as newer reasoning
	// models do. "json_schema" and "json_object" are refused as types of a format.
	Refuses []string
	// APIVersion makes the server behave as Azure: the query must contain the version,
	// and the header api-key must contain the key.
	APIVersion string
	// Models are the models that the server lists; with none, it has no list.
	Models []string

	mu      sync.Mutex
	script  []Reply
	seen    []Request
	stopped chan struct{}
	once    sync.Once
}

// NewServer starts a server on the loopback interface. Each request takes the next
// reply. The last reply is repeated.
func NewServer(script ...Reply) *Server {
	s := &Server{script: script, stopped: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", s.complete)
	mux.HandleFunc("GET /v1/models", s.models)
	mux.HandleFunc("POST /openai/deployments/{deployment}/chat/completions", s.complete)
	s.Server = httptest.NewServer(mux)
	return s
}

// Close ends waiting replies and the server.
func (s *Server) Close() {
	s.once.Do(func() { close(s.stopped) })
	s.Server.Close()
}

// BaseURL is the base URL for the configuration of a client.
func (s *Server) BaseURL() string { return s.URL + "/v1" }

// Requests returns all requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.seen...)
}

func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	if len(s.Models) == 0 {
		fail(w, http.StatusNotFound, "Not Found")
		return
	}
	data := []map[string]string{}
	for _, id := range s.Models {
		data = append(data, map[string]string{"id": id, "object": "model"})
	}
	send(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

// wire is the part of a request that the server reads.
type wire struct {
	Model               string `json:"model"`
	MaxTokens           int    `json:"max_tokens"`
	MaxCompletionTokens int    `json:"max_completion_tokens"`
	Messages            []struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	} `json:"messages"`
	ResponseFormat *struct {
		Type       string `json:"type"`
		JSONSchema *struct {
			Name   string         `json:"name"`
			Strict bool           `json:"strict"`
			Schema map[string]any `json:"schema"`
		} `json:"json_schema"`
	} `json:"response_format"`
}

// maxRequest bounds the size of a request, in bytes.
const maxRequest = 8 << 20

func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	var req wire
	if err == nil {
		err = json.Unmarshal(body, &req)
	}
	if err == nil {
		err = req.check()
	}
	if err != nil {
		fail(w, http.StatusBadRequest, err.Error())
		return
	}
	if shown := s.shownKey(r); s.Key != "" && shown != s.Key {
		fail(w, http.StatusUnauthorized, "Incorrect API key provided: "+shown)
		return
	}
	if s.APIVersion != r.URL.Query().Get("api-version") {
		fail(w, http.StatusNotFound, "Resource not found")
		return
	}
	if s.refuse(w, body, Request{Header: r.Header.Clone(), Body: body, Prompt: req.prompt()}) {
		return
	}
	reply := s.next(Request{Header: r.Header.Clone(), Body: body, Prompt: req.prompt()})
	if reply.From != nil {
		reply.Content = reply.From(req.prompt())
	}
	if reply.Wait != nil {
		select {
		case <-reply.Wait:
		case <-r.Context().Done():
		case <-s.stopped:
		}
	}
	reply.write(w, req)
}

// shownKey returns the key of a request.
func (s *Server) shownKey(r *http.Request) string {
	if s.APIVersion != "" {
		return r.Header.Get("api-key")
	}
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// refuse answers a request with a refused parameter and records it.
func (s *Server) refuse(w http.ResponseWriter, body []byte, seen Request) bool {
	var sent map[string]json.RawMessage
	_ = json.Unmarshal(body, &sent) // it was decoded before
	for _, name := range s.Refuses {
		param := name
		if strings.HasPrefix(name, "json_") {
			param = "response_format"
		}
		value, ok := sent[param]
		if !ok || param != name && !strings.Contains(string(value), `"type":"`+name+`"`) {
			continue
		}
		s.mu.Lock()
		s.seen = append(s.seen, seen)
		s.mu.Unlock()
		send(w, http.StatusBadRequest, map[string]any{"error": map[string]any{
			"message": fmt.Sprintf("Unsupported parameter: '%s' is not supported with this model.", param),
			"type":    "invalid_request_error", "param": param, "code": "unsupported_parameter",
		}})
		return true
	}
	return false
}

func (s *Server) next(r Request) Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = append(s.seen, r)
	if len(s.script) == 0 {
		return Reply{}
	}
	reply := s.script[0]
	if len(s.script) > 1 {
		s.script = s.script[1:]
	}
	return reply
}

func (q wire) prompt() string {
	prompt := ""
	for _, m := range q.Messages {
		if m.Role == "user" {
			prompt = m.Content
		}
	}
	return prompt
}

// check refuses the requests that OpenAI's server refuses.
func (q wire) check() error {
	switch {
	case q.Model == "":
		return fmt.Errorf("you must provide a model parameter")
	case len(q.Messages) == 0:
		return fmt.Errorf("'messages' is empty")
	case q.MaxTokens <= 0 && q.MaxCompletionTokens <= 0:
		return fmt.Errorf("the length of the answer is not bounded")
	case q.MaxTokens > 0 && q.MaxCompletionTokens > 0:
		return fmt.Errorf("setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported")
	}
	if q.ResponseFormat == nil || q.ResponseFormat.Type != "json_schema" {
		return nil
	}
	if schema := q.ResponseFormat.JSONSchema; schema == nil || schema.Name == "" || !schema.Strict {
		return fmt.Errorf("missing or not strict 'response_format.json_schema'")
	}
	return strict("", q.ResponseFormat.JSONSchema.Schema)
}

// strict checks the rules of strict schemas, all the way down.
func strict(path string, schema map[string]any) error {
	for keyword := range schema {
		if !strings.Contains(" type properties required additionalProperties items enum anyOf description ",
			" "+keyword+" ") {
			return fmt.Errorf("invalid schema at %q: %q is not permitted", path, keyword)
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	if schema["type"] == "object" {
		required, _ := schema["required"].([]any)
		if schema["additionalProperties"] != false || len(required) != len(properties) {
			return fmt.Errorf("invalid schema at %q: 'additionalProperties' must be false and every property "+
				"required", path)
		}
	}
	for name, property := range properties {
		inner, ok := property.(map[string]any)
		if !ok {
			return fmt.Errorf("invalid schema at %q: not an object", path+"/"+name)
		}
		if err := strict(path+"/"+name, inner); err != nil {
			return err
		}
	}
	if items, ok := schema["items"].(map[string]any); ok {
		return strict(path+"[]", items)
	}
	return nil
}

func (p Reply) write(w http.ResponseWriter, req wire) {
	content, finish := p.Content, cmp.Or(p.Finish, "stop")
	switch {
	case p.Location != "":
		w.Header().Set("Location", p.Location)
		w.WriteHeader(p.Status)
	case p.Body != "":
		w.WriteHeader(max(p.Status, http.StatusOK))
		_, _ = io.WriteString(w, p.Body) // an error means that the client is gone
	case p.Status >= http.StatusBadRequest:
		fail(w, p.Status, content)
	default:
		message := map[string]any{"role": "assistant", "content": content}
		if p.Refusal != "" {
			message["refusal"] = p.Refusal
		}
		choice := map[string]any{"index": 0, "message": message, "finish_reason": finish}
		for field, value := range p.Message {
			if field == "finish_reason" {
				choice[field] = value
				continue
			}
			message[field] = value
		}
		send(w, http.StatusOK, map[string]any{
			"id": "chatcmpl-1", "object": "chat.completion", "model": req.Model,
			"choices": []any{choice},
			"usage":   map[string]any{"prompt_tokens": len(req.prompt()) / 4, "completion_tokens": len(content) / 4},
		})
	}
}

func fail(w http.ResponseWriter, status int, message string) {
	send(w, status, map[string]any{"error": map[string]any{
		"message": message, "type": "invalid_request_error",
		"code": nil,
	}})
}

func send(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // an error means that the client is gone
}
