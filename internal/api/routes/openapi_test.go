package routes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/groupdiff"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// description is the part of OpenAPI that openapi.yaml uses.
type description struct {
	Paths      map[string]map[string]operation `yaml:"paths"`
	Components struct {
		Parameters map[string]parameter `yaml:"parameters"`
		Schemas    map[string]schema    `yaml:"schemas"`
	} `yaml:"components"`
}

type operation struct {
	Parameters  []parameter    `yaml:"parameters"`
	RequestBody body           `yaml:"requestBody"`
	Responses   map[string]any `yaml:"responses"`
}

type parameter struct {
	Ref  string `yaml:"$ref"`
	Name string `yaml:"name"`
	In   string `yaml:"in"`
}

type body struct {
	Content map[string]struct {
		Schema schema `yaml:"schema"`
	} `yaml:"content"`
}

type schema struct {
	Ref                  string            `yaml:"$ref"`
	Type                 string            `yaml:"type"`
	Format               string            `yaml:"format"`
	Enum                 []string          `yaml:"enum"`
	Required             []string          `yaml:"required"`
	Properties           map[string]schema `yaml:"properties"`
	AdditionalProperties *schema           `yaml:"additionalProperties"`
	Items                *schema           `yaml:"items"`
	AnyOf                []schema          `yaml:"anyOf"`
	AllOf                []schema          `yaml:"allOf"`
}

func readDescription(t *testing.T) description {
	t.Helper()
	data, err := os.ReadFile("openapi.yaml")
	require.NoError(t, err)
	var d description
	require.NoError(t, yaml.Unmarshal(data, &d))
	return d
}

func (d description) resolve(s schema) schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return d.Components.Schemas[name]
	}
	if len(s.AllOf) == 1 {
		return d.resolve(s.AllOf[0])
	}
	return s
}

// orNull returns the schema of a value that may also be null.
func orNull(s schema) (schema, bool) {
	if len(s.AnyOf) == 2 && s.AnyOf[1].Type == "null" {
		return s.AnyOf[0], true
	}
	return s, false
}

// check says where a decoded JSON value is not as described.
func (d description) check(s schema, v any, at string) (faults []string) {
	s, nullable := orNull(s)
	if v == nil && nullable {
		return nil
	}
	s = d.resolve(s)
	switch v := v.(type) {
	case map[string]any:
		if s.Type != "object" {
			return []string{at + " is an object"}
		}
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				faults = append(faults, at+"."+name+" is missing")
			}
		}
		for name, value := range v {
			property, ok := s.Properties[name]
			if !ok && s.AdditionalProperties != nil {
				property, ok = *s.AdditionalProperties, true
			}
			if !ok {
				faults = append(faults, at+"."+name+" is not described")
				continue
			}
			faults = append(faults, d.check(property, value, at+"."+name)...)
		}
	case []any:
		if s.Type != "array" {
			return []string{at + " is an array"}
		}
		for i, value := range v {
			faults = append(faults, d.check(*s.Items, value, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case string:
		if s.Type != "string" || s.Enum != nil && !slices.Contains(s.Enum, v) {
			return []string{fmt.Sprintf("%s is the string %q", at, v)}
		}
		if _, err := time.Parse(time.RFC3339, v); s.Format == "date-time" && err != nil {
			return []string{at + " is no time"}
		}
	case float64:
		if s.Type != "number" && (s.Type != "integer" || v != float64(int64(v))) {
			return []string{fmt.Sprintf("%s is the number %v", at, v)}
		}
	case bool:
		if s.Type != "boolean" {
			return []string{at + " is a boolean"}
		}
	default:
		return []string{at + " is null"}
	}
	return faults
}

func TestOpenAPIDescribesTheRoutes(t *testing.T) {
	d := readDescription(t)
	described := map[string][]string{}
	for path, operations := range d.Paths {
		for method, op := range operations {
			params := []string{}
			for _, p := range op.Parameters {
				if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
					p = d.Components.Parameters[name]
				}
				if p.In == "query" {
					params = append(params, p.Name)
				}
			}
			described[strings.ToUpper(method)+" "+path] = params
		}
	}
	require.Equal(t, routes.RoutesForTest(), described)
}

// TestOpenAPIDescribesTheTypes compares property names and what is required with
// the fields of the Go types, for every schema and every type.
func TestOpenAPIDescribesTheTypes(t *testing.T) {
	types := map[string]reflect.Type{}
	for _, v := range []any{
		api.Status{},
		api.Cluster{},
		api.Target{},
		api.History{},
		api.Salvaged{},
		api.Hint{},
		api.Warning{},
		api.Probe{},
		api.NothingArrived{},
		api.Cause{},
		api.RoundProgress{},
		api.SeenAtSink{},
		api.Job{},
		api.Vertex{},
		api.Share{},
		api.Checkpoints{},
		api.Checkpoint{},
		api.Failure{},
		api.FoundRate{},
		api.EpisodeList{},
		api.DeclinedList{},
		api.FindingList{},
		api.FindingEntry{},
		api.ProfileList{},
		api.ProfileEntry{},
		api.TrendList{},
		api.SampleList{},
		api.Unwatched{},
		flame.NestedSet{},
		api.MeasurementList{},
		api.EpochList{},
		api.HopList{},
		api.HopEntry{},
		api.RecordList{},
		api.BundleFiles{},
		api.RoundRequest{},
		api.Trend{},
		api.Trouble{},
		api.Ahead{},
		api.Breach{},
		api.Loop{},
		api.AlertRequest{},
		api.Receipt{},
		api.PauseRequest{},
		api.PauseState{},
		api.Error{},
		api.ScaleTestList{},
		api.EvaluationList{},
		episode.Evaluation{},
		episode.EvaluationFigures{},
		episode.JudgedFigure{},
		api.Checks{},
		check.Result{},
		check.Fix{},
		api.Scorecard{},
		episode.RuleScore{},
		api.ScaleProgress{},
		episode.UpperBound{},
		episode.ScaleRequest{},
		outcome.Table{},
		outcome.Row{},
		api.ImportRequest{},
		api.ImportReceipt{},
		api.MarkRequest{},
		api.TriageRequest{},
		api.EpochFrames{},
		episode.Triage{},
		episode.Mark{},
		episode.Outcome{},
		episode.Episode{},
		episode.Alert{},
		episode.Declined{},
		episode.Epoch{},
		episode.Change{},
		episode.Measurement{},
		episode.Hop{},
		episode.Account{},
		episode.ProbeRecord{},
		episode.AtSink{},
		episode.Profile{},
		episode.HotFrame{},
		episode.Advice{},
		episode.Finding{},
		episode.Impact{},
		episode.Evidence{},
		episode.Rejection{},
		episode.Announcement{},
		api.EntriesRequest{},
		api.EntryLine{},
		api.EntriesReceipt{},
		scalerun.ClockOffset{},
		scalerun.Sustainable{},
	} {
		types[reflect.TypeOf(v).Name()] = reflect.TypeOf(v)
	}
	for _, v := range []any{ // a scale test is one schema among many
		scalerun.Test{},
		scalerun.Throughput{},
		scalerun.Iteration{},
		scalerun.Delay{},
		scalerun.Sink{},
		scalerun.Latency{},
		scalerun.Trial{},
		scalerun.Import{},
		scalerun.Profiled{},
		scalerun.Shard{},
		scalerun.Slice{},
		scalerun.SliceSink{},
		scalerun.Histogram{},
		scalerun.Group{},
	} {
		types["Scale"+reflect.TypeOf(v).Name()] = reflect.TypeOf(v)
	}
	types["EpisodeTarget"] = reflect.TypeFor[episode.Target]() // Target is a server
	types["ChangePointReport"] = reflect.TypeFor[changepoint.Report]()
	types["ChangePoint"] = reflect.TypeFor[changepoint.Point]()
	types["GroupComparison"] = reflect.TypeFor[groupdiff.Report]()
	types["ProfileGroup"] = reflect.TypeFor[groupdiff.Side]()
	types["GroupFrame"] = reflect.TypeFor[groupdiff.Frame]()
	types["SearchedSeries"] = reflect.TypeFor[changepoint.Series]()
	types["TriageTally"] = reflect.TypeFor[changepoint.Tally]()
	types["EpochBrief"] = reflect.TypeFor[changepoint.Epoch]()
	d := readDescription(t)
	schemas := maps.Clone(d.Components.Schemas)
	maps.DeleteFunc(schemas, func(_ string, s schema) bool { return s.Type == "string" })
	require.ElementsMatch(t, slices.Collect(maps.Keys(schemas)), slices.Collect(maps.Keys(types)))
	for name, s := range schemas {
		properties, required := fields(types[name])
		require.ElementsMatch(t, properties, slices.Collect(maps.Keys(s.Properties)), name)
		require.ElementsMatch(t, required, s.Required, "required in %s", name)
	}
}

// TestOpenAPIDescribesTheWords compares the enumerations with the constants.
func TestOpenAPIDescribesTheWords(t *testing.T) {
	schemas := readDescription(t).Components.Schemas
	require.Equal(t, words(api.Parts()...), schemas["Part"].Enum)
	require.Equal(t, changepoint.Figures(), schemas["ChangeFigure"].Enum)
	require.Equal(t, words(episode.Untriaged, episode.Positive, episode.Negative), schemas["TriageState"].Enum)
	require.Equal(t, words(episode.Opened, episode.Profiling, episode.Measuring, episode.Advising,
		episode.Announcing, episode.Done, episode.Failed),
		schemas["State"].Enum)
	require.ElementsMatch(t, words(snapshot.TrendStates()...), schemas["Trend"].Properties["state"].Enum)
	require.Equal(t, words(episode.Info, episode.Warning, episode.Critical),
		schemas["Finding"].Properties["severity"].Enum)
	require.Equal(t, words(episode.RecordOutcomes()...), schemas["AtSink"].Properties["fate"].Enum)
	require.Equal(t, words(scalerun.OK, scalerun.Void, scalerun.Aborted), schemas["ScaleVerdict"].Enum)
	require.Equal(t, words(scalerun.Sustained, scalerun.NotSustained, scalerun.GeneratorLimited, scalerun.Undecided),
		schemas["SustainVerdict"].Enum)
}

func words[T ~string](list ...T) (out []string) {
	for _, word := range list {
		out = append(out, string(word))
	}
	return out
}

// fields returns the JSON names of a struct, and those of them that are never left
// out.
func fields(t reflect.Type) (all, always []string) {
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		all = append(all, name)
		if options == "" {
			always = append(always, name)
		}
	}
	return all, always
}

// TestOpenAPIDescribesTheAnswers sends every operation to a handler with something
// in every field, and to one with nothing anywhere.
func TestOpenAPIDescribesTheAnswers(t *testing.T) {
	full := newSidecar(t, func(s *routes.Sources) {
		s.Status = fullStatus
		s.Rounds = roundFunc(func(context.Context, api.RoundRequest) (episode.Episode,
			error,
		) {
			return fullEpisode(1), nil
		})
		s.Alerts = raiseFunc(func(episode.Alert) (api.Receipt, error) {
			return api.Receipt{Episode: idAt(1), Reason: "under_way"}, nil
		})
		s.Pauser = &brake{}
		s.Checks = func() (time.Time, []check.Result) {
			return start, []check.Result{{Check: "flink.job", Of: "local", State: check.Failed, Says: "no", Fix: check.Shell("true")}}
		}
		s.Declined = s.Episodes.(routes.Declined)
		s.ScaleTests = s.Episodes.(routes.ScaleTests)
		s.Evaluations = s.Episodes.(routes.Evaluations)
		s.Entries = s.Episodes.(routes.Entries)
		s.ChangePoints = s.Episodes.(routes.ChangePoints)
		s.LiveScaleTest = liveFunc(func(api.ScaleProgress) error { return nil })
		s.ScaleShards = shardsFunc(func(scalerun.Shard) (scalerun.Group, error) { return fullGroup(), nil })
		s.Trees = treeFunc(workTree)
		s.Prompts = promptFunc(func(episode.Episode) ([]byte, error) { return []byte("{}"), nil })
		s.Bundles = bundleFunc(func(episode.Episode) (map[string][]byte, error) {
			return map[string][]byte{"bundle.json": []byte("{}")}, nil
		})
	})
	require.NoError(t, full.store.PutDeclined(fullDeclined()))
	require.NoError(t, full.store.PutEpisode(fullEpisode(1)))
	require.NoError(t, full.store.PutMeasurement(fullMeasurement(1)))
	require.NoError(t, full.store.Probes().Put([]episode.ProbeRecord{fullRecord(1)}))
	_, err := full.store.PutEpoch(fullEpoch())
	require.NoError(t, err)
	empty := newSidecar(t, nil)

	stored, err := json.Marshal(fullEpisode(1))
	require.NoError(t, err)
	scaleTest, err := json.Marshal(fullScaleTest(1))
	require.NoError(t, err)
	progress, err := json.Marshal(fullScaleProgress())
	require.NoError(t, err)
	shard, err := json.Marshal(fullShard())
	require.NoError(t, err)
	require.NoError(t, full.store.PutScaleTest(fullScaleTest(1)))
	evaluation, err := json.Marshal(fullEvaluation(1))
	require.NoError(t, err)
	require.NoError(t, full.store.PutEvaluation(fullEvaluation(1)))
	point := changed(t, full, 40, 20)
	profiled(t, full, "changed", "c1", "c2")
	bodies := map[string]string{
		"POST /history/triage": `{"id":"` + point.ID + `","state":"positive","note":"n"}`,
		"POST /evaluations":    string(evaluation),
		"POST /scaletests":     string(scaleTest), "POST /scaletests/progress": string(progress),
		"POST /scaletests/shards": string(shard),
		"POST /episodes":          string(stored), "POST /probe/rounds": `{"records":3}`,
		"POST /alerts": `{}`, "POST /pause": `{}`, "POST /resume": `{"part":"llm"}`,
		"POST /history/mark":    `{"finding":"` + idAt(1) + `-F1","decision":"rejected"}`,
		"POST /history/entries": `{"kind":"scaletests","entries":[{"line":1,"entry":` + string(scaleTest) + `}]}`,
		"POST /history/import":  `{"format":"csv","text":"label,throughput\na,1\nb,2\n"}`,
	}
	d := readDescription(t)
	for path, operations := range d.Paths {
		for method, op := range operations {
			for _, s := range []*sidecar{full, empty} {
				at := strings.ToUpper(method) + " " + path
				concrete := api.Prefix + strings.ReplaceAll(path, "{id}", idAt(1))
				status, answer, header := s.ask(t, strings.ToUpper(method), concrete, bodies[at])
				if s == full {
					require.Equal(t, http.StatusOK, status, "%s: %s", at, answer)
				}
				d.requireDescribed(t, op, status, header.Get("Content-Type"), answer, at)
			}
		}
	}
}

func (d description) requireDescribed(t *testing.T, op operation, status int, contentType, answer, at string) {
	t.Helper()
	s := d.Components.Schemas["Error"]
	if status == http.StatusOK {
		raw, err := yaml.Marshal(op.Responses["200"])
		require.NoError(t, err)
		var response body
		require.NoError(t, yaml.Unmarshal(raw, &response))
		content, ok := response.Content[contentType]
		require.True(t, ok, "%s answers %s", at, contentType)
		s = content.Schema
	}
	if contentType != "application/json" {
		return
	}
	var v any
	require.NoError(t, json.Unmarshal([]byte(answer), &v))
	require.Empty(t, d.check(s, v, at))
}

func TestOpenAPICheckerFindsFaults(t *testing.T) {
	d := readDescription(t)
	var v any
	require.NoError(t, json.Unmarshal([]byte(`{"name":7,"problems":null,"up":"yes","since":"today","colour":"red"}`), &v))
	require.ElementsMatch(t, []string{
		"x.name is the number 7", "x.problems is null", `x.up is the string "yes"`, "x.since is no time",
		"x.colour is not described",
	}, d.check(schema{Ref: "#/components/schemas/Target"}, v, "x"))
	require.Equal(t, []string{"x.configure is missing", "x.adds is missing"},
		d.check(schema{Ref: "#/components/schemas/Hint"}, map[string]any{}, "x"))
}

func fullDeclined() episode.Declined {
	return episode.Declined{
		Alert: fullEpisode(1).Alert, Reason: "unknown_job", Detail: "there is no such job (start it)", First: start,
	}
}
