package routes_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func TestClientReadsWhatIsStored(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.Status = fullStatus })
	ctx := t.Context()
	for n := range 5 {
		require.NoError(t, s.client.PutEpisode(ctx, fullEpisode(n)))
		require.NoError(t, s.store.PutMeasurement(fullMeasurement(n)))
		require.NoError(t, s.store.Probes().Put([]episode.ProbeRecord{fullRecord(n)}))
	}
	_, err := s.store.PutEpoch(fullEpoch())
	require.NoError(t, err)

	status, err := s.client.Status(ctx)
	require.NoError(t, err)
	require.Equal(t, fullStatus(), status)

	list, err := s.client.Episodes(ctx, episode.JobRef{Job: "orders"}, "", 2)
	require.NoError(t, err)
	require.Equal(t, api.EpisodeList{Episodes: []episode.Episode{
		api.Brief(fullEpisode(4)),
		api.Brief(fullEpisode(3)),
	}, Next: idAt(3)}, list)
	list, err = s.client.Episodes(ctx, episode.JobRef{}, list.Next, 0)
	require.NoError(t, err)
	require.Equal(t, api.EpisodeList{Episodes: []episode.Episode{
		api.Brief(fullEpisode(2)),
		api.Brief(fullEpisode(1)), api.Brief(fullEpisode(0)),
	}}, list)

	name := fullEpisode(3).Vertex()
	require.NotEmpty(t, name)
	list, err = s.client.EpisodesOf(ctx, api.EpisodeQuery{Vertex: name, Limit: 1})
	require.NoError(t, err)
	require.Equal(t, api.EpisodeList{Episodes: []episode.Episode{api.Brief(fullEpisode(4))}, Next: idAt(4)}, list)
	list, err = s.client.EpisodesOf(ctx, api.EpisodeQuery{Vertex: "another"})
	require.NoError(t, err)
	require.Empty(t, list.Episodes)

	e, ok, err := s.client.Episode(ctx, idAt(3))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, fullEpisode(3), e)
	_, ok, err = s.client.Episode(ctx, idAt(9))
	require.NoError(t, err)
	require.False(t, ok)

	ms, err := s.client.Measurements(ctx, episode.JobRef{Job: "orders"}, "", start.Add(time.Minute),
		start.Add(4*time.Minute), 2)
	require.NoError(t, err)
	require.Equal(t, api.MeasurementList{
		Measurements: []episode.Measurement{fullMeasurement(3), fullMeasurement(2)},
		Next:         idAt(2),
	}, ms)
	ms, err = s.client.Measurements(ctx, episode.JobRef{}, ms.Next, time.Time{}, time.Time{}, 0)
	require.NoError(t, err)
	require.Equal(t, api.MeasurementList{Measurements: []episode.Measurement{
		fullMeasurement(1),
		fullMeasurement(0),
	}}, ms)

	epochs, err := s.client.Epochs(ctx, episode.JobRef{Job: "orders"}, 0)
	require.NoError(t, err)
	require.Equal(t, []episode.Epoch{fullEpoch()}, epochs.Epochs)
	records, err := s.client.Records(ctx, 1)
	require.NoError(t, err)
	require.Equal(t, []episode.ProbeRecord{fullRecord(4)}, records.Records)
}

func TestPutEpisodeConflict(t *testing.T) {
	s := newSidecar(t, nil)
	require.NoError(t, s.client.PutEpisode(t.Context(), fullEpisode(1)))
	require.NoError(t, s.client.PutEpisode(t.Context(), fullEpisode(1)), "the same again")
	changed := fullEpisode(1)
	changed.Error = "other"
	err := s.client.PutEpisode(t.Context(), changed)
	require.Equal(t, &api.Error{
		Status:  http.StatusConflict,
		Message: "history: episode " + idAt(1) + " is failed and can't be changed any more",
	}, err)
}

func TestRound(t *testing.T) {
	var asked []api.RoundRequest
	s := newSidecar(t, func(s *routes.Sources) {
		s.Rounds = roundFunc(func(_ context.Context, r api.RoundRequest) (episode.Episode, error) {
			asked = append(asked, r)
			switch r.Records {
			case 1:
				return episode.Episode{}, &api.Error{
					Status:  http.StatusConflict,
					Message: "a round is under way (wait for it)",
				}
			case 2:
				return episode.Episode{}, errors.New("kafka: refused")
			}
			return fullEpisode(3), nil
		})
	})
	e, err := s.client.Round(t.Context(), api.RoundRequest{Records: 5, Source: episode.FromCLI})
	require.NoError(t, err)
	require.Equal(t, fullEpisode(3), e)
	_, err = s.client.Round(t.Context(), api.RoundRequest{Records: 1})
	require.Equal(t, &api.Error{Status: http.StatusConflict, Message: "a round is under way (wait for it)"}, err)
	_, err = s.client.Round(t.Context(), api.RoundRequest{Records: 2})
	require.Equal(t, &api.Error{Status: http.StatusInternalServerError, Message: "kafka: refused"}, err)
	require.Equal(t, []api.RoundRequest{
		{Records: 5, Source: episode.FromCLI},
		{Records: 1, Source: episode.FromAPI},
		{Records: 2, Source: episode.FromAPI},
	}, asked)
}

func TestRoundEndsWhenItsClientGoes(t *testing.T) {
	began, ended := make(chan struct{}), make(chan error, 1)
	s := newSidecar(t, func(s *routes.Sources) {
		s.Rounds = roundFunc(func(ctx context.Context, _ api.RoundRequest) (episode.Episode, error) {
			close(began)
			<-ctx.Done()
			ended <- ctx.Err()
			return episode.Episode{}, ctx.Err()
		})
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-began; cancel() }()
	_, err := s.client.Round(ctx, api.RoundRequest{})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestRefusals(t *testing.T) {
	s := newSidecar(t, nil)
	opened := `{"id":"` + idAt(1) + `","state":"opened"}`
	for _, test := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		want                     string
	}{
		{
			"no such path", "GET", "/api/v1/nothing", "", nil, 404,
			"there is no such path (/api/v1/openapi.yaml lists all paths)",
		},
		{
			"no such version", "GET", "/api/v2/status", "", nil, 404,
			"there is no such path (/api/v1/openapi.yaml lists all paths)",
		},
		{"no such method", "DELETE", "/api/v1/status", "", nil, 405, "DELETE is not possible here (use GET)"},
		{"no such method", "PUT", "/api/v1/episodes", "", nil, 405, "PUT is not possible here (use GET or POST)"},
		{
			"unknown parameter", "GET", "/api/v1/epochs?form=1", "", nil, 400,
			`unknown parameter "form" (there are: cluster, job, from, to, limit)`,
		},
		{
			"limit of no number", "GET", "/api/v1/epochs?limit=x", "", nil, 400,
			`limit: "x" is not a number from 1 to 1000`,
		},
		{
			"limit too high", "GET", "/api/v1/probe/records?limit=1001", "", nil, 400,
			`limit: "1001" is not a number from 1 to 1000`,
		},
		{
			"no time", "GET", "/api/v1/measurements?from=now", "", nil, 400,
			`from: "now" is not a time (write it as 2026-01-31T12:00:00Z)`,
		},
		{
			"no id", "GET", "/api/v1/episodes?before=7", "", nil, 400,
			`"7" is not an id (ids have 26 letters and digits)`,
		},
		{"no id", "GET", "/api/v1/episodes/7", "", nil, 400, `"7" is not an id (ids have 26 letters and digits)`},
		{
			"no episode", "GET", "/api/v1/episodes/" + idAt(7), "", nil, 404,
			"there is no episode " + idAt(7) + " (/api/v1/episodes lists those there are)",
		},
		{
			"a form", "POST", "/api/v1/episodes", "a=b",
			[]string{"Content-Type", "application/x-www-form-urlencoded"},
			415, "the body must be JSON (send Content-Type: application/json)",
		},
		{
			"no type", "POST", "/api/v1/episodes", "{}",
			[]string{"Content-Type", ""},
			415,
			"the body must be JSON (send Content-Type: application/json)",
		},
		{
			"no JSON", "POST", "/api/v1/episodes", "{", nil, 400,
			"the body cannot be read: unexpected EOF (send one JSON value)",
		},
		{
			"misspelled key", "POST", "/api/v1/pause", `{"xpart":"llm"}`, nil, 400,
			`unknown key "xpart" (there are: part)`,
		},
		{
			"key in capitals", "POST", "/api/v1/resume", `{"Part":"llm"}`, nil, 400,
			`unknown key "Part" (there are: part)`,
		},
		{
			"misspelled key", "POST", "/api/v1/probe/rounds", `{"record":1}`, nil, 400,
			`unknown key "record" (there are: records, source)`,
		},
		{
			"misspelled key", "POST", "/api/v1/alerts", `{"jop":""}`, nil, 400,
			`unknown key "jop" (there are: cluster, job, scale_test, source, summary, vertex)`,
		},
		{
			"misspelled key inside", "POST", "/api/v1/episodes", `{"profiles":[{},{"mod":"x"}]}`, nil, 400,
			`unknown key "profiles[1].mod" (there are: duration, grade, hash, hot, id, mode, process, role, samples, subtask, taken, throughput_before, throughput_during, vertex, vertex_name, warnings)`,
		},
		{
			"two values", "POST", "/api/v1/probe/rounds", "{} {}", nil, 400,
			"the body cannot be read: the body has text after its JSON value (send one JSON value)",
		},
		{
			"too large", "POST", "/api/v1/episodes", `{"id":"` + strings.Repeat("x", 4<<20) + `"}`, nil, 413,
			"the body is too large (send at most 4096 KiB)",
		},
		{
			"too large", "POST", "/api/v1/alerts", `{"job":"` + strings.Repeat("x", 16<<10) + `"}`, nil, 413,
			"the body is too large (send at most 16 KiB)",
		},
		{
			"job too long", "POST", "/api/v1/alerts", `{"job":"` + strings.Repeat("x", 513) + `"}`, nil, 400,
			"job: 513 bytes are too many (send at most 512)",
		},
		{
			"vertex too long", "POST", "/api/v1/alerts", `{"vertex":"` + strings.Repeat("é", 300) + `"}`, nil, 400,
			"vertex: 600 bytes are too many (send at most 512)",
		},
		{
			"summary too long", "POST", "/api/v1/alerts", `{"summary":"` + strings.Repeat("x", 600) + `"}`, nil, 400,
			"summary: 600 bytes are too many (send at most 512)",
		},
		{
			"alert of a rule's", "POST", "/api/v1/alerts", `{"source":"trend"}`, nil, 400,
			`source: "trend" is neither "api" nor "cli"`,
		},
		{
			"no loop", "POST", "/api/v1/alerts", `{}`, nil, 503,
			"this sidecar accepts no alerts (send them to the sidecar that runs beside the job)",
		},
		{
			"alert from another site's page", "POST", "/api/v1/alerts", `{}`,
			[]string{"Sec-Fetch-Site", "cross-site"},
			403, "refused: the request comes from another site's page " +
				"(send it without a browser, or from the sidecar's own page)",
		},
		{
			"no such part", "POST", "/api/v1/pause", `{"part":"probes"}`, nil, 400,
			`part: "probes" is unknown (there are: probe, profiling, llm; without a part it is all of them)`,
		},
		{
			"no such part", "POST", "/api/v1/resume", `{"part":"all"}`, nil, 400,
			`part: "all" is unknown (there are: probe, profiling, llm; without a part it is all of them)`,
		},
		{
			"nothing pauses", "POST", "/api/v1/pause", `{}`, nil, 503,
			"nothing can be paused here (send the request to the sidecar that runs beside the job)",
		},
		{
			"nothing pauses", "POST", "/api/v1/resume", `{"part":"llm"}`, nil, 503,
			"nothing can be paused here (send the request to the sidecar that runs beside the job)",
		},
		{"no such method", "GET", "/api/v1/pause", "", nil, 405, "GET is not possible here (use POST)"},
		{
			"unfinished", "POST", "/api/v1/episodes", opened, nil, 400,
			`the episode's state is "opened" (store it when it is done or failed)`,
		},
		{
			"episode without id", "POST", "/api/v1/episodes", "{}", nil, 400,
			`"" is not an id (ids have 26 letters and digits)`,
		},
		{
			"id of the future", "POST", "/api/v1/episodes", `{"id":"7ZZZZZZZZZZZZZZZZZZZZZZZZZ","state":"done"}`,
			nil, 400,
			"id: 10889-08-02T05:31:50Z is in the future (correct the sender's clock)",
		},
		{
			"too many records", "POST", "/api/v1/probe/rounds", `{"records":10001}`, nil, 400,
			"records: 10001 is not a number from 1 to 10000, nor 0 for the probe's own",
		},
		{
			"wrong source", "POST", "/api/v1/probe/rounds", `{"source":"schedule"}`, nil, 400,
			`source: "schedule" is neither "api" nor "cli"`,
		},
		{
			"no probe", "POST", "/api/v1/probe/rounds", `{}`, nil, 503,
			"no probe is configured (add kafka, sinks and probe to the configuration)",
		},
		{
			"another site's page", "POST", "/api/v1/probe/rounds", `{}`,
			[]string{"Sec-Fetch-Site", "cross-site"},
			403,
			"refused: the request comes from another site's page " +
				"(send it without a browser, or from the sidecar's own page)",
		},
		{
			"another origin", "POST", "/api/v1/probe/rounds", `{}`,
			[]string{"Origin", "http://evil.example"},
			403,
			"refused: the request comes from another site's page " +
				"(send it without a browser, or from the sidecar's own page)",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, answer, header := s.ask(t, test.method, test.path, test.body, test.header...)
			require.Equal(t, test.status, status)
			var got struct{ Error string }
			decode(t, answer, &got)
			require.Equal(t, test.want, got.Error)
			require.Equal(t, "application/json", header.Get("Content-Type"))
			require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
		})
	}
	_, _, header := s.ask(t, "PUT", "/api/v1/episodes", "")
	require.Equal(t, "GET, POST", header.Get("Allow"))
	status, answer, _ := s.ask(t, "POST", "/api/v1/probe/rounds", `{}`, "Origin", s.url)
	require.Equal(t, http.StatusServiceUnavailable, status, "our own page may: %s", answer)
}

func TestServerErrorIsTold(t *testing.T) {
	s := newSidecar(t, nil)
	require.NoError(t, s.store.Close())
	status, answer, _ := s.ask(t, "GET", "/api/v1/episodes", "")
	require.Equal(t, http.StatusInternalServerError, status)
	require.JSONEq(t, `{"error":"history: database not open"}`, answer)
}

func TestClientOfSomethingElse(t *testing.T) {
	for _, base := range []string{"", "127.0.0.1:80", "ftp://x", "http://"} {
		_, err := api.NewClient(base, nil)
		require.ErrorContains(t, err, "is not the address of a sidecar (write it as http://host:port)")
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/epochs") {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte("<html>hello"))
	}))
	defer other.Close()
	c, err := api.NewClient(other.URL, nil)
	require.NoError(t, err)
	_, err = c.Status(t.Context())
	require.EqualError(t, err, other.URL+" does not answer as a sidecar does: invalid character '<' looking for "+
		"beginning of value (correct the address)")
	_, err = c.Epochs(t.Context(), episode.JobRef{}, 0)
	require.EqualError(t, err, other.URL+`/api/v1/epochs answered 404 Not Found: "<html>hello" (is this a sidecar?)`)
	other.Close()
	_, err = c.Status(t.Context())
	require.ErrorContains(t, err, "sidecar at "+other.URL+": ")
	require.ErrorContains(t, err, "connection refused")
}
