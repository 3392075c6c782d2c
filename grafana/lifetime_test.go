package grafana

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestTheFirstWordsDoNotReplaceTheLast(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, nil)
	first := of(ep)
	first.Text, first.From, first.Opening = "profiling …", began, true
	id, err := a.Annotate(t.Context(), first)
	require.NoError(t, err)
	require.Equal(t, "profiling …", g.Annotations()[0].Text)
	require.Equal(t, g.Annotations()[0].Time, g.Annotations()[0].TimeEnd, "a point until its end is known")

	last := of(ep)
	last.Text, last.From, last.To = "first: Kryo", began, ended
	again, err := a.Annotate(t.Context(), last)
	require.NoError(t, err)
	require.Equal(t, id, again)
	_, err = a.Annotate(t.Context(), first) // a process that died before, and is late
	require.NoError(t, err)
	require.Len(t, g.Annotations(), 1)
	require.Equal(t, "first: Kryo", g.Annotations()[0].Text)
	require.Equal(t, ended.UnixMilli(), g.Annotations()[0].TimeEnd)
}

func TestWhatAPersonDeletedIsNotMadeAgain(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, nil)
	made := of(ep)
	made.Text, made.From, made.To, made.Made = "longer", began, ended, true
	id, err := a.Annotate(t.Context(), made)
	require.NoError(t, err)
	require.Zero(t, id)
	require.Empty(t, g.Annotations())
}

func TestAnHourHasRoomForSoManyNewOnes(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	at := &clock{now: ended}
	a := serving(t, g, nil, func(c *Config) { c.MaxPerHour = 3 })
	a.Now = at.read
	annotate := func(id, text string) error {
		_, err := a.Annotate(t.Context(), Annotation{ID: id, Rule: "epoch-began", Text: text, From: began})
		return err
	}
	a.Restore(ended.Add(-2*time.Hour), ended.Add(-10*time.Minute)) // one of them counts
	require.NoError(t, annotate("1", "one"))
	require.NoError(t, annotate("2", "two"))
	err := annotate("3", "three")
	require.ErrorIs(t, err, ErrCapped)
	require.EqualError(t, err, "grafana: posting an annotation: 3 were made within an hour "+
		"(see the history, or raise grafana.max_per_hour)")
	require.False(t, Retryable(err))
	require.InDelta(t, 1, results(a, resultCapped), 0)
	up, known := a.Up()
	require.True(t, up && known, "Grafana is all right")
	require.NoError(t, annotate("1", "one, changed"), "what is there may change")
	at.pass(51 * time.Minute)
	require.NoError(t, annotate("3", "three"))
	require.ErrorIs(t, annotate("4", "four"), ErrCapped)
	require.Equal(t, 3, g.Posts())

	cfg := *a.cfg.Load()
	cfg.MaxPerHour, cfg.Tags = 4, []string{"shop"}
	a.Reload(cfg)
	require.NoError(t, annotate("4", "four"), "a reload made room")
	all := g.Annotations()
	require.Contains(t, all[len(all)-1].Tags, "shop")
}

// TestRefusedOnesDoNotUseTheHour: an hour without Grafana must not use up the room.
func TestRefusedOnesDoNotUseTheHour(t *testing.T) {
	g := &grafanatest.Server{Token: "other"}
	a := serving(t, g, nil, func(c *Config) { c.MaxPerHour = 1 })
	for range 5 {
		_, err := a.Notify(t.Context(), ep, "one", began, ended)
		require.ErrorIs(t, err, ErrAuth)
	}
	g.SetToken(token) // rotated: the file has this one
	_, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
}

// TestATokenThatIsRotated: Grafana refuses the old token until the file has the new one. No restart is
// needed, also where the file is empty in between.
func TestATokenThatIsRotated(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, nil)
	_, err := a.Notify(t.Context(), ep, "one", began, time.Time{})
	require.NoError(t, err)
	g.SetToken("glsa_4567")
	for text, cause := range map[string]error{token: ErrAuth, "": ErrNoToken} {
		require.NoError(t, os.WriteFile(a.client.cfg.TokenFile, []byte(text), 0o600))
		_, err = a.Notify(t.Context(), ep, "two", began, ended)
		require.ErrorIs(t, err, cause)
	}
	require.NoError(t, os.WriteFile(a.client.cfg.TokenFile, []byte("glsa_4567\n"), 0o600))
	_, err = a.Notify(t.Context(), ep, "two", began, ended)
	require.NoError(t, err)
	require.Len(t, g.Annotations(), 1)
	require.Equal(t, "two", g.Annotations()[0].Text)
}

// TestARequestThatArrivesLate: the client has given up, and made another.
func TestARequestThatArrivesLate(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	at := &clock{now: ended}
	var late func()
	a := serving(t, g, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || late != nil {
				next.ServeHTTP(w, r)
				return
			}
			late = func() {
				g.Add(grafanatest.Annotation{Text: "one", Time: began.UnixMilli(), Tags: tagsOf(of(ep), nil)})
			}
			panic(http.ErrAbortHandler)
		})
	}, nil)
	a.Now = at.read
	id, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	require.NoError(t, a.Tidy(t.Context()))
	require.Len(t, g.Annotations(), 1)
	late()
	require.Len(t, g.Annotations(), 2)
	require.NoError(t, a.Tidy(t.Context()))
	require.Len(t, g.Annotations(), 1)
	require.Equal(t, id, g.Annotations()[0].ID)

	at.pass(doubtFor)
	require.NoError(t, a.Tidy(t.Context()))
	late()
	require.NoError(t, a.Tidy(t.Context()))
	require.Len(t, g.Annotations(), 2, "nobody looks for ever")
}

func TestOldOnesAreRemoved(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	old, day := began.Add(-100*24*time.Hour).UnixMilli(), int64(24*time.Hour/time.Millisecond)
	add := func(text string, at, end int64, tags ...string) {
		g.Add(grafanatest.Annotation{Text: text, Time: at, TimeEnd: end, Tags: tags})
	}
	for n := range 250 {
		add("old", old, old+day, fmt.Sprint("fsc:", n), ownTag, "cluster:prod")
	}
	add("of no cluster", old, old, "fsc:v", ownTag, "sidecar:prod")
	add("of another cluster", old, old, "fsc:x", ownTag, "cluster:test")
	add("of another sidecar", old, old, "fsc:w", ownTag, "sidecar:test")
	add("a person's, with our tag", old, old, ownTag, "cluster:prod")
	add("began long ago, ended lately", old, began.UnixMilli(), "fsc:y", ownTag, "cluster:prod")
	add("young", began.UnixMilli(), began.UnixMilli(), "fsc:z", ownTag, "cluster:prod")
	a := serving(t, g, nil, func(c *Config) { c.Keep = model.Duration(90 * 24 * time.Hour) })
	a.Now, a.Clusters = func() time.Time { return began }, []string{"prod"}
	require.NoError(t, a.Prune(t.Context()))
	var left []string
	for _, n := range g.Annotations() {
		left = append(left, n.Text)
	}
	require.Equal(t, []string{
		"of another cluster", "of another sidecar", "a person's, with our tag", "began long ago, ended lately", "young",
	}, left)
	require.InDelta(t, 251, results(a, resultPruned), 0)
}

// TestOneOfNoClusterIsFoundAgain: a broker that is down belongs to no cluster, and its annotation does not
// stay for ever.
func TestOneOfNoClusterIsFoundAgain(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	a := serving(t, g, nil, func(c *Config) { c.Keep = model.Duration(24 * time.Hour) })
	a.Clusters = []string{"prod", "test"}
	for _, wanted := range []Annotation{{ID: "1", Rule: "target-down"}, {ID: "2", Rule: "job-stalled", Cluster: "test"}} {
		wanted.Text, wanted.From, wanted.To = "down", began, ended
		_, err := a.Annotate(t.Context(), wanted)
		require.NoError(t, err)
	}
	require.Contains(t, g.Annotations()[0].Tags, "sidecar:prod")
	require.NotContains(t, g.Annotations()[1].Tags, "sidecar:prod", "its cluster finds it")
	a.Now = func() time.Time { return ended.Add(48 * time.Hour) }
	require.NoError(t, a.Prune(t.Context()))
	require.Empty(t, g.Annotations())
}

func TestRunEnds(t *testing.T) {
	g := &grafanatest.Server{Token: token}
	asked := make(chan struct{}, 10)
	a := serving(t, g, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			asked <- struct{}{}
		})
	}, func(c *Config) { c.Keep = model.Duration(90 * 24 * time.Hour) })
	a.Clusters = []string{"prod"}
	a.Doubt(Annotation{ID: "1"})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	<-asked // for second ones
	<-asked // for old ones
	cancel()
	require.NoError(t, <-ended)
}

// TestGrafanaThatIsAway: each call says what is wrong, and the
// first one after it makes one annotation.
func TestGrafanaThatIsAway(t *testing.T) {
	for name, c := range map[string]struct {
		answer  func(http.ResponseWriter, *http.Request)
		message string
	}{
		"a proxy without Grafana": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
			"status 502: Bad Gateway (check grafana.url, and that Grafana runs)",
		},
		"a proxy's page": {
			func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>maintenance</html>")) },
			"the answer is not Grafana's JSON (check grafana.url)",
		},
		"a connection that breaks": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			"EOF (check grafana.url, and that Grafana runs)",
		},
		"a server that hangs": {
			func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
			"context deadline exceeded (raise grafana.timeout, or find out why Grafana is slow)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := &grafanatest.Server{Token: token}
			var mu sync.Mutex
			down := true
			a := serving(t, g, func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					away := down
					mu.Unlock()
					if away {
						c.answer(w, r)
						return
					}
					next.ServeHTTP(w, r)
				})
			}, func(c *Config) { c.Timeout, c.MaxPerHour = model.Duration(50*time.Millisecond), 1 })
			for range 5 {
				_, err := a.Notify(t.Context(), ep, "one", began, ended)
				require.EqualError(t, err, "grafana: looking for an annotation: "+c.message)
			}
			mu.Lock()
			down = false
			mu.Unlock()
			a.client.cfg.Timeout = model.Duration(10 * time.Second)
			_, err := a.Notify(t.Context(), ep, "one", began, ended)
			require.NoError(t, err)
			require.Len(t, g.Annotations(), 1)
		})
	}
}

// TestADashboardThatIsDeleted takes its annotations with it. That is said at once, and the next
// annotation after it is restored is made.
func TestADashboardThatIsDeleted(t *testing.T) {
	g := &grafanatest.Server{Token: token, Dashboards: []string{"flink"}}
	var asked []string
	a := serving(t, g, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = append(asked, r.Method+" "+r.URL.Path)
			next.ServeHTTP(w, r)
		})
	}, func(c *Config) { c.DashboardUID = "flink" })
	_, err := a.Notify(t.Context(), ep, "one", began, ended)
	require.NoError(t, err)
	g.DeleteDashboard("flink")
	require.Empty(t, g.Annotations())
	asked = nil
	_, err = a.Notify(t.Context(), ep, "two", began, ended)
	require.ErrorIs(t, err, ErrNoDashboard)
	require.ErrorContains(t, err, `dashboard "flink" does not exist: correct grafana.dashboard_uid, or restore it`)
	require.Equal(t, []string{"GET /api/annotations", "POST /api/annotations", "GET /api/dashboards/uid/flink"}, asked,
		"at once, without a second attempt")
	g.Dashboards = []string{"flink"}
	_, err = a.Notify(t.Context(), ep, "two", began, ended)
	require.NoError(t, err)
}

func TestCheckLooksForTheDashboard(t *testing.T) {
	g := &grafanatest.Server{Token: token, Dashboards: []string{"flink"}}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	t.Setenv("SIDECAR_TEST_TOKEN", token)
	for uid, want := range map[string]string{
		"flink": `dashboard "flink" exists`,
		"gone":  `dashboard "gone" does not exist (correct grafana.dashboard_uid, or restore it)`,
	} {
		cfg := DefaultConfig()
		cfg.URL, cfg.TokenEnv, cfg.DashboardUID = server.URL, "SIDECAR_TEST_TOKEN", uid
		found := Check(t.Context(), cfg)
		require.Equal(t, want, found[len(found)-1].Says)
	}
}
