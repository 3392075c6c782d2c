package grafana

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

const token = "glsa_0123"

var (
	began = time.Date(2026, 3, 4, 5, 6, 7, 8e6, time.UTC)
	ended = began.Add(3 * time.Minute)
	ep    = episode.Episode{
		ID:    "01JABCDEFGHJKMNPQRSTVWXYZ0",
		Alert: episode.Alert{Rule: "checkpoint-size", Job: "orders"},
	}
)

// serving starts a Grafana behind around, which may be nil, and a Notifier that does not
// pause between attempts.
func serving(
	t *testing.T, g *grafanatest.Server, around func(http.Handler) http.Handler, change func(*Config),
) *Notifier {
	t.Helper()
	var handler http.Handler = g
	if around != nil {
		handler = around(g)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte(token+"\n"), 0o600))
	cfg := DefaultConfig()
	cfg.URL, cfg.TokenFile = server.URL, file
	if change != nil {
		change(&cfg)
	}
	require.Empty(t, cfg.Validate())
	a, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(a.Close)
	a.Pause = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }
	return a
}

// of is the annotation of an episode, as far as its tags need it.
func of(ep episode.Episode) Annotation {
	return Annotation{ID: ep.ID, Cluster: ep.Alert.Cluster, Job: ep.Alert.Job, Rule: ep.Alert.Rule}
}

func results(a *Notifier, result string) float64 {
	return testutil.ToFloat64(a.results.WithLabelValues(result))
}

func TestAnnounceMakesOneRegion(t *testing.T) {
	g := &grafanatest.Server{Token: token, Dashboards: []string{"flink"}}
	a := serving(t, g, nil, func(c *Config) { c.DashboardUID, c.PanelID, c.Tags = "flink", 4, []string{"team,a"} })
	id, err := a.Notify(t.Context(), ep, "Size passes 1 GiB in 22 min.\nFirst: <b>TTL</b> for Foo.<init>", began,
		ended)
	require.NoError(t, err)
	require.Equal(t, []grafanatest.Annotation{{
		ID: id, DashboardUID: "flink", PanelID: 4, Time: 1772600767008, TimeEnd: 1772600947008,
		Text: "Size passes 1 GiB in 22 min.<br>First: &lt;b&gt;TTL&lt;/b&gt; for Foo.&lt;init&gt;",
		Tags: []string{
			"fsc:01JABCDEFGHJKMNPQRSTVWXYZ0", "flink-sidecar", "job:orders", "rule:checkpoint-size",
			"team a",
		},
		Login: "sa-1-sidecar",
	}}, g.Annotations())
	require.InDelta(t, 1, results(a, resultCreated), 0)
	up, known := a.Up()
	require.True(t, up && known)
}

func TestAnnounceAgainChangesOnlyWhatDiffers(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, nil)
	id, err := a.Notify(t.Context(), ep, "one", began, time.Time{})
	require.NoError(t, err)
	require.Equal(t, g.Annotations()[0].Time, g.Annotations()[0].TimeEnd, "an open region is a point")

	for _, step := range []struct {
		text   string
		to     time.Time
		result string
	}{
		{"one", time.Time{}, resultUnchanged},
		{"one", ended, resultUpdated},
		{"two", time.Time{}, resultUpdated},
		{"two", ended, resultUnchanged},
	} {
		before := results(a, step.result)
		again, err := a.Notify(t.Context(), ep, step.text, began, step.to)
		require.NoError(t, err)
		require.Equal(t, id, again)
		require.InDelta(t, before+1, results(a, step.result), 0, step)
	}
	require.Len(t, g.Annotations(), 1)
	require.Equal(t, "two", g.Annotations()[0].Text)
	require.Equal(t, ended.UnixMilli(), g.Annotations()[0].TimeEnd)
	require.Equal(t, 1, g.Posts())
}

func TestOthersAreLeftAlone(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	g.Add(grafanatest.Annotation{Text: "another episode", Tags: []string{"fsc:01JOTHER", "flink-sidecar"}})
	g.Add(grafanatest.Annotation{Text: "alert state", AlertID: 7, Tags: []string{tagOf(ep.ID)}})
	a := serving(t, g, nil, nil)
	_, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	require.Len(t, g.Annotations(), 3)
	require.Equal(t, "another episode", g.Annotations()[0].Text)
}

// dropAfter passes a request and then breaks the connection, like a kill between POST and
// recording, or a late network failure.
func dropAfter(times int32, method string) func(http.Handler) http.Handler {
	var left atomic.Int32
	left.Store(times)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != method || left.Add(-1) < 0 {
				next.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		})
	}
}

func TestAnAnswerThatIsLostMakesNoSecond(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, dropAfter(1, http.MethodPost), nil)
	id, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	require.Equal(t, 1, g.Posts())
	require.Equal(t, id, g.Annotations()[0].ID)
	require.InDelta(t, 1, results(a, resultUnchanged), 0)
}

func TestAfterACrashTheAnnotationIsFound(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	// Each of these processes dies at another request and remembers nothing.
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodPatch, http.MethodPost} {
		ctx, cancel := context.WithCancel(t.Context())
		kill := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r)
				if r.Method == method {
					cancel()
				}
			})
		}
		a := serving(t, g, kill, nil)
		_, _ = a.Notify(ctx, ep, "text of "+method, began, ended) // it may or may not have got through
		require.LessOrEqual(t, len(g.Annotations()), 1)
	}
	_, err := serving(t, g, nil, nil).Notify(t.Context(), ep, "last", began, ended)
	require.NoError(t, err)
	require.Len(t, g.Annotations(), 1)
	require.Equal(t, 1, g.Posts())
	require.Equal(t, "last", g.Annotations()[0].Text)
}

// A server finishes the request of a killed process only after its successor has posted:
// the next call finds two and keeps the older.
func TestASecondThatLandsLateIsRemoved(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, nil)
	id, err := a.Notify(t.Context(), ep, "one", began, time.Time{})
	require.NoError(t, err)
	g.Add(grafanatest.Annotation{Text: "one", Time: began.UnixMilli(), Tags: tagsOf(of(ep), nil)})

	again, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	require.Equal(t, id, again)
	require.Len(t, g.Annotations(), 1)
	require.InDelta(t, 1, results(a, resultRemoved), 0)
}

func TestASecondThatLandsDuringThePostIsRemoved(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				g.Add(grafanatest.Annotation{Text: "one", Time: began.UnixMilli(), Tags: tagsOf(of(ep), nil)})
			}
			next.ServeHTTP(w, r)
		})
	}, nil)
	id, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	require.Len(t, g.Annotations(), 1)
	require.Equal(t, g.Annotations()[0].ID, id)
}

func TestADeletedAnnotationIsNotMadeAgainInTheMiddle(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPatch {
				r.SetPathValue("id", "9")
				r.URL.Path = "/api/annotations/9"
			}
			next.ServeHTTP(w, r)
		})
	}, nil)
	_, err := a.Notify(t.Context(), ep, "one", began, time.Time{})
	require.NoError(t, err)
	_, err = a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	require.Equal(t, 1, g.Posts())
}

// answering is a server that says the same to everybody.
func answering(status int, body string) func(http.Handler) http.Handler {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if status >= 300 && status < 400 {
				w.Header().Set("Location", "https://127.0.0.1:1/api/annotations")
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body)) // a client may have disconnected
		})
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	for _, tc := range []struct {
		name      string
		grafana   *grafanatest.Server
		around    func(http.Handler) http.Handler
		change    func(*Config)
		message   string
		retryable bool
		cause     error
	}{
		{
			"wrong token", &grafanatest.Server{Token: "other"}, nil, nil,
			"grafana: looking for an annotation: status 401: Invalid API key " +
				"(check the token and its role: Editor is needed)", false, ErrAuth,
		},
		{
			"no token", &grafanatest.Server{Token: "other"}, nil, func(c *Config) { c.TokenFile = "" },
			"grafana: looking for an annotation: status 401: Unauthorized " +
				"(check the token and its role: Editor is needed)", false, ErrAuth,
		},
		{
			"wrong token where anonymous may look", &grafanatest.Server{Token: "other", Anonymous: true}, nil, nil,
			"grafana: posting an annotation: status 403: Access denied to save the annotation " +
				"(check the token and its role: Editor is needed)", false, ErrAuth,
		},
		{
			"viewer", &grafanatest.Server{Token: token, Role: grafanatest.Viewer}, nil, nil,
			"grafana: posting an annotation: status 403: Access denied to save the annotation " +
				"(check the token and its role: Editor is needed)", false, ErrAuth,
		},
		{
			"unknown dashboard", &grafanatest.Server{Token: token}, nil, func(c *Config) { c.DashboardUID = "gone" },
			`grafana: posting an annotation: status 500: Error while checking annotation permissions (dashboard "gone" does not exist: correct grafana.dashboard_uid, or restore it)`, false, ErrNoDashboard,
		},
		{
			"overloaded", &grafanatest.Server{},
			answering(http.StatusServiceUnavailable, "<html>\x00busy</html>"), nil,
			"grafana: looking for an annotation: status 503: <html>busy</html> " +
				"(check grafana.url, and that Grafana runs)", true, nil,
		},
		{
			"too many requests", &grafanatest.Server{},
			answering(http.StatusTooManyRequests, `{"message":"slow down"}`), nil,
			"grafana: looking for an annotation: status 429: slow down " +
				"(raise the limit of requests of Grafana's proxy, or lower grafana.max_per_hour)", true, nil,
		},
		{
			"a server error", &grafanatest.Server{},
			answering(http.StatusInternalServerError, `{"message":"database is locked"}`), nil,
			"grafana: looking for an annotation: status 500: database is locked (see Grafana's log)", false, nil,
		},
		{
			"a login page", &grafanatest.Server{}, answering(http.StatusOK, "<html>log in</html>"), nil,
			"grafana: looking for an annotation: the answer is not Grafana's JSON (check grafana.url)", false,
			ErrNotGrafana,
		},
		{
			"another server", &grafanatest.Server{}, answering(http.StatusNotFound, "404 page not found"), nil,
			"grafana: looking for an annotation: status 404: 404 page not found (check grafana.url)", false,
			ErrNotGrafana,
		},
		{
			"a redirect", &grafanatest.Server{}, answering(http.StatusMovedPermanently, ""), nil,
			"grafana: looking for an annotation: it redirects " +
				"(set grafana.url to the target of the redirect, possibly https)", false, redirect.ErrRefused,
		},
		{
			"missing token file", &grafanatest.Server{}, nil, func(c *Config) { c.TokenFile = "/does/not/exist" },
			"grafana: looking for an annotation: open /does/not/exist: no such file or directory " +
				"(check grafana.token_file or token_env)", false, ErrNoToken,
		},
		{
			"unset token variable", &grafanatest.Server{}, nil,
			func(c *Config) { c.TokenFile, c.TokenEnv = "", "SIDECAR_TEST_UNSET" },
			"grafana: looking for an annotation: it does not hold a token in one line " +
				"(check grafana.token_file or token_env)", false, ErrNoToken,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := serving(t, tc.grafana, tc.around, tc.change)
			_, err := a.Notify(t.Context(), ep, "one", began, ended)
			require.EqualError(t, err, tc.message)
			require.Equal(t, tc.retryable, Retryable(err))
			if tc.cause != nil {
				require.ErrorIs(t, err, tc.cause)
			}
			require.Empty(t, tc.grafana.Annotations())
			require.InDelta(t, 1, results(a, resultFailed), 0)
			up, known := a.Up()
			require.True(t, known && !up)
			since, failure := a.Failure()
			require.EqualError(t, failure, tc.message)
			require.False(t, since.IsZero())
		})
	}
}

func TestAbsentAndSlow(t *testing.T) {
	a := serving(t, &grafanatest.Server{}, nil, func(c *Config) { c.URL = "http://127.0.0.1:1" })
	_, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.ErrorContains(t, err, "connection refused (check grafana.url, and that Grafana runs)")
	require.True(t, Retryable(err))

	hang := func(http.Handler) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	}
	a = serving(t, &grafanatest.Server{}, hang, func(c *Config) { c.Timeout = model.Duration(20 * time.Millisecond) })
	_, err = a.Notify(t.Context(), ep, "one", began, ended)
	require.EqualError(t, err, "grafana: looking for an annotation: context deadline exceeded "+
		"(raise grafana.timeout, or find out why Grafana is slow)")
	require.True(t, Retryable(err))
}

func TestAttemptsAreFew(t *testing.T) {
	for status, want := range map[int]int32{
		http.StatusInternalServerError: 3, http.StatusBadGateway: 3,
		http.StatusForbidden: 1, http.StatusBadRequest: 1,
	} {
		var seen atomic.Int32
		a := serving(t, &grafanatest.Server{}, func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				seen.Add(1)
				w.WriteHeader(status)
			})
		}, nil)
		_, err := a.Notify(t.Context(), ep, "one", began, ended)
		require.Error(t, err)
		require.Equal(t, want, seen.Load(), status)
	}
}

func TestAGrafanaThatComesBackIsTold(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	var seen atomic.Int32
	a := serving(t, g, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if seen.Add(1) == 1 {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			next.ServeHTTP(w, r)
		})
	}, nil)
	_, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	require.Len(t, g.Annotations(), 1)
}

func TestStoppingEndsThePause(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a := serving(t, &grafanatest.Server{}, answering(http.StatusBadGateway, ""), nil)
	a.Pause = func(ctx context.Context, _ time.Duration) error {
		cancel()
		return wait.For(ctx, time.Hour)
	}
	_, err := a.Notify(ctx, ep, "one", began, ended)
	require.ErrorContains(t, err, "status 502")
	require.NotErrorIs(t, err, context.Canceled)
}

func TestWhatCanNotBeAnnounced(t *testing.T) {
	a := serving(t, &grafanatest.Server{Token: token}, nil, nil)
	for _, tc := range []struct {
		ep      episode.Episode
		text    string
		from    time.Time
		message string
	}{
		{episode.Episode{}, "one", began, "grafana: the episode has no id"},
		{ep, " \n\x00", began, "grafana: nothing to say about episode 01JABCDEFGHJKMNPQRSTVWXYZ0"},
		{ep, "one", time.Time{}, "grafana: episode 01JABCDEFGHJKMNPQRSTVWXYZ0 has no beginning"},
	} {
		_, err := a.Notify(t.Context(), tc.ep, tc.text, tc.from, ended)
		require.EqualError(t, err, tc.message)
		require.False(t, Retryable(err))
	}
}

func TestAnEndBeforeTheBeginningIsAPoint(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	_, err := serving(t, g, nil, nil).Notify(t.Context(), ep, "one", ended, began)
	require.NoError(t, err)
	require.Equal(t, ended.UnixMilli(), g.Annotations()[0].Time)
	require.Equal(t, ended.UnixMilli(), g.Annotations()[0].TimeEnd)
}

// TestTheTooltipHasLinesAndALink: Grafana shows a text as HTML, where a line feed is a blank.
func TestTheTooltipHasLinesAndALink(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, nil)
	wanted := of(ep)
	wanted.Text, wanted.From = "one <a href='x'>\n\n"+strings.Repeat("long ", maxText), began
	wanted.Link = `https://flink.example/"onclick="x/episodes/1`
	_, err := a.Annotate(t.Context(), wanted)
	require.NoError(t, err)
	text := g.Annotations()[0].Text
	require.True(t, strings.HasPrefix(text, "one &lt;a href=&#39;x&#39;&gt;<br><br>long "), text)
	require.True(t, strings.HasSuffix(text, `…<br><a href="https://flink.example/&#34;onclick=&#34;x/episodes/1" `+
		`target="_blank">Evidence</a>`), "a long text does not cut the link: %s", text)
	require.Equal(t, 1, strings.Count(text, "<a "))

	wanted.ID, wanted.Text = "01JABCDEFGHJKMNPQRSTVWXYZ9", " \n"
	_, err = a.Annotate(t.Context(), wanted)
	require.ErrorContains(t, err, "nothing to say", "a link alone says nothing")
}

func TestLongAndOddTextIsCut(t *testing.T) {
	odd := episode.Episode{ID: ep.ID, Alert: episode.Alert{Job: strings.Repeat("ä", 80), Rule: "a\nb\x1b[31m"}}
	tags := tagsOf(of(odd), []string{"one", "two", "three", "four"})
	require.Equal(t, []string{
		tagOf(ep.ID), "flink-sidecar", "job:" + strings.Repeat("ä", 45) + "…", "rule:a b[31m",
		"one", "two", "three",
	}, tags)
	require.Len(t, []rune(plaintext.Paragraph(strings.Repeat("x", 5000), maxText)), maxText)
}

func TestTokenFromTheEnvironment(t *testing.T) {
	t.Setenv("SIDECAR_TEST_TOKEN", token)
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, func(c *Config) { c.TokenFile, c.TokenEnv, c.URL = "", "SIDECAR_TEST_TOKEN", c.URL+"/" })
	require.NoError(t, a.Check(t.Context()))
	_, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
}

func TestMetricsAreThereFromTheStart(t *testing.T) {
	a := serving(t, &grafanatest.Server{}, nil, nil)
	require.Equal(t, 7, testutil.CollectAndCount(a.Collector()))
	problems, err := testutil.CollectAndLint(a.Collector())
	require.NoError(t, err)
	require.Empty(t, problems)
	_, known := a.Up()
	require.False(t, known)
}
