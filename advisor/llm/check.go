package llm

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	openai "github.com/sashabaranov/go-openai"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// maxModels bounds how many models of a server are read.
const maxModels = 1000

// Check looks at the server, the model and the format of answers. It sends one short request
// without any data of the user.
func (o *OpenAI) Check(ctx context.Context) []check.Result {
	found := &check.Results{Area: "llm"}
	key, err := o.key()
	if err != nil {
		found.Add("connection", check.Warning, nil, "%v", err)
		return found.All
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.cfg.Timeout))
	defer cancel()
	if !o.checkModel(ctx, key, found) {
		return found.All
	}
	o.checkFormat(ctx, key, found)
	return found.All
}

// checkModel compares the model with those that the server lists. Some servers list none.
func (o *OpenAI) checkModel(ctx context.Context, key string, found *check.Results) bool {
	if o.cfg.APIType == apiAzure {
		return true // a deployment is not in the list of models
	}
	listed, err := openai.NewClientWithConfig(o.client(key, &exchange{client: o.http})).ListModels(ctx)
	if err != nil {
		return true // the request that follows says better what is wrong
	}
	var models []string
	for _, m := range listed.Models[:min(len(listed.Models), maxModels)] {
		models = append(models, m.ID)
	}
	if len(models) == 0 || slices.Contains(models, o.cfg.Model) {
		return true
	}
	fix := check.Setting("advisor.openai.model", models[0])
	if nearest, ok := check.Nearest(o.cfg.Model, models); ok {
		fix.Value = nearest
	}
	found.Add("model", check.Warning, fix, "%s has no model %q", plaintext.Line(o.cfg.BaseURL, maxTitle), o.cfg.Model)
	return false
}

// greeting is the only answer that the schema of checkFormat allows. The question asks for
// another one: a server that ignores the schema is seen.
const greeting = "schema-is-enforced"

// checkFormat tells whether the server really enforces a JSON schema.
func (o *OpenAI) checkFormat(ctx context.Context, key string, found *check.Results) {
	reply, wantsSchema, err := o.greet(ctx, key)
	for range maxAdapted {
		if !errors.Is(err, errAdapted) {
			break
		}
		reply, wantsSchema, err = o.greet(ctx, key)
	}
	if err != nil {
		found.Add("connection", check.Warning, nil, "%v", err)
		return
	}
	found.Add("connection", check.OK, nil, "model %s at %s answers", o.cfg.Model, o.cfg.BaseURL)
	var answer struct{ Greeting string }
	switch enforced := json.Unmarshal([]byte(reply.Content), &answer) == nil && answer.Greeting == greeting; {
	case !wantsSchema && o.cfg.ResponseFormat == formatSchema:
		found.Add("format", check.Warning, check.Setting("advisor.openai.response_format", o.formatName()),
			"the server refuses a JSON schema; each start costs a request to learn it")
	case !wantsSchema:
		found.Add("format", check.OK, nil, "%s: every answer is checked", o.cfg.ResponseFormat)
	case enforced:
		found.Add("format", check.OK, nil, "the server enforces a JSON schema")
	default:
		found.Add("format", check.Warning, check.Setting("advisor.openai.response_format", formatObject),
			"the server accepts a JSON schema and ignores it")
	}
}

// maxAdapted bounds how many refused parameters are left out, one request each.
const maxAdapted = 4

func (o *OpenAI) formatName() string {
	if format := o.format(); format != nil {
		return string(format.Type)
	}
	return formatText
}

// greet sends the request. An error that wraps errAdapted means that the next one leaves the
// refused parameter out.
func (o *OpenAI) greet(ctx context.Context, key string) (reply Reply, wantsSchema bool, err error) {
	x := &exchange{client: o.http}
	request := o.request(Question{Messages: []Message{{Role: roleUser, Content: "Say hello in one plain sentence."}}})
	if format := request.ResponseFormat; format != nil && format.JSONSchema != nil {
		wantsSchema = true
		format.JSONSchema.Name = "greeting"
		format.JSONSchema.Schema = json.RawMessage(`{"type":"object","additionalProperties":false,` +
			`"required":["greeting"],"properties":{"greeting":{"type":"string","enum":["` + greeting + `"]}}}`)
	}
	response, err := openai.NewClientWithConfig(o.client(key, x)).CreateChatCompletion(ctx, request)
	if err != nil {
		return reply, wantsSchema, o.explain(ctx, err, x, request, key)
	}
	reply, err = replyOf(response, x.body)
	return reply, wantsSchema, err
}
