package flink_test

import (
	"context"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// impatient makes a client give up on a request soon.
func impatient(c *flink.Config) { c.Timeout = model.Duration(300 * time.Millisecond) }

// client returns a client for url.
func client(t *testing.T, url string, change ...func(*flink.Config)) *flink.Client {
	t.Helper()
	cfg := flink.DefaultConfig()
	cfg.URL = url
	for _, c := range change {
		c(&cfg)
	}
	c, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func TestFaults(t *testing.T) {
	const slow = "flink: URL is unreachable: /overview gave no complete answer within 300ms " +
		"(the JobManager may be overloaded or stuck: see its log, or raise flink.timeout)"
	const cut = "flink: URL is unreachable: the connection was cut during the answer " +
		"(check the JobManager and any proxy before it)"
	const cause = ": java.util.concurrent.TimeoutException: Ask timed out after [10000 ms] "
	for name, test := range map[string]struct {
		fault flinktest.Fault
		kind  error
		want  string
	}{
		"hang":     {flinktest.Hang, flink.ErrUnreachable, slow},
		"trickle":  {flinktest.Trickle, flink.ErrUnreachable, slow},
		"truncate": {flinktest.Truncate, flink.ErrUnreachable, cut},
		"html": {flinktest.HTML, flink.ErrNotFlink, "flink: URL answers, but is not Flink: /overview gave an " +
			"HTML page (set flink.url to the JobManager's REST address, usually port 8081)"},
		"json": {flinktest.OtherJSON, flink.ErrNotFlink, "flink: URL answers, but is not Flink: /overview has " +
			"no flink-version (set flink.url to the JobManager's REST address, usually port 8081)"},
		"huge": {flinktest.Huge, flink.ErrBroken, "flink: /overview gave a broken answer: more than 8 MiB " +
			"(check that flink.url is the JobManager's REST address)"},
		"500": {
			flinktest.Status(500), nil,
			"flink: /overview answered 500 Internal Server Error" + cause + "(see the JobManager's log)",
		},
		"401": {flinktest.Status(401), nil, "flink: /overview answered 401 Unauthorized" + cause +
			"(set the credentials in flink.http, or renew them)"},
		"403": {flinktest.Status(403), nil, "flink: /overview answered 403 Forbidden" + cause +
			"(allow the credentials in flink.http to read this path)"},
	} {
		t.Run(name, func(t *testing.T) {
			server := flinktest.New(t, flinktest.Flink23)
			c := client(t, server.URL)
			if strings.Contains(test.want, "300ms") {
				c = client(t, server.URL, impatient)
			}
			server.Break(test.fault)
			_, err := c.Overview(t.Context())
			require.EqualError(t, err, strings.ReplaceAll(test.want, "URL", server.URL))
			if test.kind != nil {
				require.ErrorIs(t, err, test.kind)
			} else {
				var status *flink.StatusError
				require.ErrorAs(t, err, &status)
			}
			server.Heal()
			_, err = client(t, server.URL).Overview(t.Context())
			require.NoError(t, err)
		})
	}
}

func TestUnreachable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	_, err := client(t, closed.URL).Overview(t.Context())
	require.ErrorIs(t, err, flink.ErrUnreachable)
	require.EqualError(t, err, "flink: "+closed.URL+" is unreachable: connection refused "+
		"(check flink.url, and that the JobManager runs)")
}

func TestNotFlink(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := client(t, server.URL).Overview(t.Context())
	require.ErrorIs(t, err, flink.ErrNotFlink)
	require.EqualError(t, err, "flink: "+server.URL+" answers, but is not Flink: /overview answered 404 without "+
		"Flink's list of errors (set flink.url to the JobManager's REST address, usually port 8081)")
}

func TestCanceled(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	server.Break(flinktest.Hang)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := client(t, server.URL).Overview(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, flink.ErrUnreachable)
}

func TestTLS(t *testing.T) {
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"flink-version":"2.3.0"}`))
	}))
	defer secure.Close()
	secure.Config.ErrorLog = nil

	_, err := client(t, secure.URL).Overview(t.Context())
	require.ErrorIs(t, err, flink.ErrUnreachable)
	require.ErrorContains(t, err, "certificate signed by unknown authority (check flink.http.tls_config.ca_file)")

	authority := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})
	require.NoError(t, os.WriteFile(authority, block, 0o600))
	overview, err := client(t, secure.URL,
		func(c *flink.Config) { c.HTTP.TLSConfig.CAFile = authority }).Overview(t.Context())
	require.NoError(t, err)
	require.Equal(t, 3, overview.Version.Minor)

	plain := flinktest.New(t, flinktest.Flink23)
	_, err = client(t, strings.Replace(plain.URL, "http", "https", 1)).Overview(t.Context())
	require.ErrorContains(t, err, "it does not speak TLS (begin flink.url with http://)")
}

func TestCredentialsPathAndHeaders(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		if user != "sidecar" || password != "secret" || r.URL.Path != "/flink/overview" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = w.Write([]byte(`{"flink-version":"2.3.0"}`))
	}))
	defer server.Close()

	_, err := client(t, server.URL+"/flink/").Overview(t.Context())
	require.EqualError(t, err, "flink: /overview answered 401 Unauthorized "+
		"(set the credentials in flink.http, or renew them)")
	_, err = client(t, server.URL+"/flink/", func(c *flink.Config) {
		c.HTTP.BasicAuth = &config.BasicAuth{Username: "sidecar", Password: "secret"}
	}).Overview(t.Context())
	require.NoError(t, err)

	_, err = client(t, server.URL, func(c *flink.Config) {
		c.HTTP.BasicAuth = &config.BasicAuth{Username: "sidecar", PasswordFile: "/no/such/file"}
	}).Overview(t.Context())
	require.ErrorContains(t, err, "/no/such/file")
}

func TestRequestsAreCounted(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	c := client(t, server.URL)
	_, err := c.Job(t.Context(), server.JobID)
	require.NoError(t, err)
	_, err = c.Job(t.Context(), "00000000000000000000000000000000")
	require.True(t, flink.NotFound(err))
	require.NoError(t, testutil.CollectAndCompare(c, strings.NewReader(strings.ReplaceAll(`
# HELP flink_sidecar_flink_request_failures_total Requests to Flink's REST API without a usable answer, by endpoint.
# TYPE flink_sidecar_flink_request_failures_total counter
flink_sidecar_flink_request_failures_total{cluster="HOST",endpoint="/jobs/:jobid"} 1
# HELP flink_sidecar_flink_requests_total Requests to Flink's REST API by endpoint, with any result.
# TYPE flink_sidecar_flink_requests_total counter
flink_sidecar_flink_requests_total{cluster="HOST",endpoint="/jobs/:jobid"} 2
`, "HOST", strings.TrimPrefix(server.URL, "http://")))))
}

func TestIdentifiersStayInTheirSegment(t *testing.T) {
	paths := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths <- r.RequestURI
		_, _ = w.Write([]byte(`[]`))
	}))
	defer server.Close()
	c := client(t, server.URL)
	_, err := c.TaskManagerMetrics(t.Context(), "../../jars?x=1#", []string{"a&b", "c"})
	require.NoError(t, err)
	require.Equal(t, "/taskmanagers/..%2F..%2Fjars%3Fx=1%23/metrics?get=a%26b,c", <-paths)

	for _, id := range []string{"", ".", ".."} {
		_, err = c.Job(t.Context(), id)
		require.ErrorContains(t, err, "is not an id (use one that Flink listed)")
	}
	require.Empty(t, paths)
}
