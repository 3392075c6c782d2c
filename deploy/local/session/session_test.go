package session

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// jobManager answers as the handlers say; every other path is 404 as Flink has it.
func jobManager(t *testing.T, handlers map[string]http.HandlerFunc) Client {
	t.Helper()
	mux := http.NewServeMux()
	for pattern, handler := range handlers {
		mux.HandleFunc(pattern, handler)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"errors":["Not found: /nope"]}`)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(func() { server.Client().CloseIdleConnections(); server.Close() })
	return Client{URL: server.URL, HTTP: server.Client()}
}

func answer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, body) }
}

// jobs answers /jobs/overview with one job that is in each of the states in turn and
// stays in the last: "STATE running/total".
func jobs(states ...string) http.HandlerFunc {
	var asked atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		n := min(int(asked.Add(1)), len(states)) - 1
		state, tasks, _ := strings.Cut(states[n], " ")
		running, total, _ := strings.Cut(tasks, "/")
		_, _ = io.WriteString(w, `{"jobs":[{"jid":"other","name":"other","state":"FAILED","tasks":{"running":0,"total":1}},`+
			`{"jid":"j1","name":"orders enrichment","state":"`+state+`","tasks":{"running":`+running+`,"total":`+total+`}}]}`)
	}
}

func TestOverviewAndTaskManagers(t *testing.T) {
	c := jobManager(t, map[string]http.HandlerFunc{
		"GET /overview":     answer(`{"taskmanagers":2,"slots-total":4,"slots-available":0,"flink-version":"2.3.0"}`),
		"GET /taskmanagers": answer(`{"taskmanagers":[{"id":"tm-1","path":"pekko.tcp://flink@127.0.0.1:18131/user/rpc/taskmanager_0"}]}`),
	})
	overview, err := c.Overview(t.Context())
	require.NoError(t, err)
	require.Equal(t, Overview{TaskManagers: 2, SlotsTotal: 4, Version: "2.3.0"}, overview)
	taskManagers, err := c.TaskManagers(t.Context())
	require.NoError(t, err)
	require.Equal(t, []TaskManager{{ID: "tm-1", Path: "pekko.tcp://flink@127.0.0.1:18131/user/rpc/taskmanager_0"}},
		taskManagers)
}

func TestUploadAndRun(t *testing.T) {
	jar := filepath.Join(t.TempDir(), "sample-job.jar")
	require.NoError(t, os.WriteFile(jar, []byte("PK…"), 0o600))
	var run map[string]any
	c := jobManager(t, map[string]http.HandlerFunc{
		"POST /jars/upload": func(w http.ResponseWriter, r *http.Request) {
			file, header, err := r.FormFile("jarfile")
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			content, _ := io.ReadAll(file)
			if string(content) != "PK…" || header.Filename != "sample-job.jar" {
				http.Error(w, "not the jar", http.StatusBadRequest)
				return
			}
			answer(`{"filename":"/tmp/flink-web-upload/551245f8_sample-job.jar","status":"success"}`)(w, r)
		},
		"POST /jars/551245f8_sample-job.jar/run": func(w http.ResponseWriter, r *http.Request) {
			_ = json.NewDecoder(r.Body).Decode(&run)
			answer(`{"jobid":"j1","applicationId":"j1"}`)(w, r)
		},
	})
	id, err := c.Upload(t.Context(), jar)
	require.NoError(t, err)
	require.Equal(t, "551245f8_sample-job.jar", id)
	job, err := c.Run(t.Context(), id, Program{"org.example.Job", []string{"--fixed=kryo,bulk"}})
	require.NoError(t, err)
	require.Equal(t, "j1", job)
	require.Equal(t, map[string]any{
		"entryClass":      "org.example.Job",
		"programArgsList": []any{"--fixed=kryo,bulk"},
	}, run)

	_, err = c.Upload(t.Context(), jar+".gone")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestUploadThatIsRefused(t *testing.T) {
	jar := filepath.Join(t.TempDir(), "big.jar")
	require.NoError(t, os.WriteFile(jar, make([]byte, 8<<20), 0o600))
	c := jobManager(t, map[string]http.HandlerFunc{"POST /jars/upload": func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusInsufficientStorage)
	}})
	_, err := c.Upload(t.Context(), jar)
	require.Error(t, err) // and no goroutine stays with the rest of the file
}

func TestArgumentsThatAreRefused(t *testing.T) {
	refuse := func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
		answer(`{"errors":["Internal server error.","<Exception on server side:\norg.apache.flink.client.program.ProgramInvocationException: The main method caused an error\n\tat a.b(C.java:1)\nCaused by: java.lang.RuntimeException: outer\n\tat d.e(F.java:2)\nCaused by: java.lang.IllegalArgumentException: --fixed: no fault is called speed\n\tat g.h(I.java:3)\n\t... 10 more\n\nEnd of exception on server side>"]}`)(w, r)
	}
	c := jobManager(t, map[string]http.HandlerFunc{"POST /jars/x/run": refuse, "POST /jars/x/plan": refuse})
	const why = ": 500 Internal Server Error: java.lang.IllegalArgumentException: --fixed: no fault is called speed"
	_, err := c.Run(t.Context(), "x", Program{})
	require.EqualError(t, err, "flink: POST /jars/x/run"+why)
	require.EqualError(t, c.Plan(t.Context(), "x", Program{}), "flink: POST /jars/x/plan"+why)
}

func TestWaitRunning(t *testing.T) {
	for _, tc := range []struct {
		name   string
		states []string
		err    string
	}{
		{"at once", []string{"RUNNING 8/8"}, ""},
		{"tasks come later than the state", []string{"CREATED 0/8", "RUNNING 0/8", "RUNNING 7/8", "RUNNING 8/8"}, ""},
		{"a job without tasks yet", []string{"RUNNING 0/0", "RUNNING 2/2"}, ""},
		{
			"a job that fails",
			[]string{"RUNNING 0/8", "FAILED 0/8"},
			"job orders enrichment is FAILED (URL/#/job/completed/j1/exceptions says why)",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := jobManager(t, map[string]http.HandlerFunc{"GET /jobs/overview": jobs(tc.states...)})
			err := c.WaitRunning(t.Context(), "j1")
			if tc.err == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, strings.ReplaceAll(tc.err, "URL", c.URL))
		})
	}
}

func TestWaitRunningSaysHowFarItGot(t *testing.T) {
	c := jobManager(t, map[string]http.HandlerFunc{"GET /jobs/overview": jobs("RUNNING 3/8")})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	require.EqualError(t, c.WaitRunning(ctx, "j1"),
		"job j1 was last RUNNING with 3 of 8 tasks running: context deadline exceeded")
}

func TestCancel(t *testing.T) {
	asked := false
	c := jobManager(t, map[string]http.HandlerFunc{
		"PATCH /jobs/j1": func(w http.ResponseWriter, r *http.Request) {
			asked = r.URL.RawQuery == "mode=cancel"
			w.WriteHeader(http.StatusAccepted)
		},
		"GET /jobs/overview": jobs("CANCELLING 2/8", "CANCELED 0/8"),
	})
	require.NoError(t, c.Cancel(t.Context(), "j1"))
	require.True(t, asked)
	require.EqualError(t, c.Cancel(t.Context(), "gone"), "flink: PATCH /jobs/gone: 404 Not Found: Not found: /nope")
}

func TestCause(t *testing.T) {
	for body, want := range map[string]string{
		`{"errors":["Not found"]}`:         "Not found",
		"<html>\nnot Flink</html>":         "<html>",
		`{"errors":[]}`:                    `{"errors":[]}`,
		`"` + strings.Repeat("x", 600):     `"` + strings.Repeat("x", 499) + "…",
		`{"errors":["a","b\n\tat c.d()"]}`: "b",
	} {
		require.Equal(t, want, cause([]byte(body)))
	}
}

func TestAnAnswerThatIsNotJSON(t *testing.T) {
	c := jobManager(t, map[string]http.HandlerFunc{"GET /overview": answer("<html>")})
	_, err := c.Overview(t.Context())
	require.EqualError(t, err, "flink: GET /overview: invalid character '<' looking for beginning of value")
}
