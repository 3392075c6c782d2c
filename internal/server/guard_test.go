package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

var discard = slog.New(slog.DiscardHandler)

// fakes are handlers that answer with their name.
func fakes() Handlers {
	return Handlers{API: say("api"), Webhook: say("webhook"), Profiles: say("profiles"), Page: say("page")}
}

// listen opens a server on any port; change may change its configuration.
func listen(t *testing.T, cfg Config, h Handlers) *Server {
	t.Helper()
	if cfg.ListenAddress == "" {
		cfg.ListenAddress = "127.0.0.1:0"
	}
	s, err := Listen(t.Context(), cfg, discard)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	s.Handle(prometheus.NewRegistry(), h)
	return s
}

// ask sends a request that came to the address local.
func (s *Server) ask(t *testing.T, local, method, host, path, body string) *httptest.ResponseRecorder {
	t.Helper()
	ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(local), Port: 8642})
	r := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(body))
	r.Host = host
	answer := httptest.NewRecorder()
	s.http.Handler.ServeHTTP(answer, r)
	return answer
}

const (
	loopback = "127.0.0.1"
	network  = "10.0.0.7"
)

func webFileOf(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "web.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

const password = "basic_auth_users: {alice: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi}\n"

// TestWritesFromTheNetwork goes through who may change something.
func TestWritesFromTheNetwork(t *testing.T) {
	mutating := []string{
		"/api/v1/pause", "/api/v1/resume", "/api/v1/alerts", "/api/v1/episodes", "/api/v1/probe/rounds",
		"/api/v1/scaletests", "/api/v1/scaletests/progress", "/api/v1/scaletests/shards",
		"/api/v1/history/import", "/api/v1/history/entries",
		"/-/reload", "/alertmanager/webhook", "/alertmanager/webhook/api/v2/alerts", "/api/v1/what-a-later-version-has", "/later",
	}
	for name, test := range map[string]struct {
		cfg     Config
		token   bool
		local   string
		write   bool
		webhook bool
	}{
		"from this machine":      {local: loopback, write: true, webhook: true},
		"without authentication": {local: network},
		"with an empty web file": {
			local: network,
			cfg:   Config{ConfigFile: webFileOf(t, "http_server_config: {http2: true}\n")},
		},
		"with a web file that has gone": {local: network, cfg: Config{ConfigFile: "gone"}},
		"with a certificate if given": {local: network, cfg: Config{ConfigFile: webFileOf(t,
			"tls_server_config: {client_auth_type: VerifyClientCertIfGiven}\n")}},
		"with a certificate of anyone's": {
			local: network,
			cfg:   Config{ConfigFile: webFileOf(t, "tls_server_config: {client_auth_type: RequireAnyClientCert}\n")},
		},
		"with a verified certificate": {local: network, cfg: Config{ConfigFile: webFileOf(t,
			"tls_server_config: {client_auth_type: RequireAndVerifyClientCert}\n")}, write: true, webhook: true},
		"with passwords": {
			local: network, cfg: Config{ConfigFile: webFileOf(t, password)},
			write: true, webhook: true,
		},
		"as the configuration wants": {
			local: network, cfg: Config{AllowUnauthenticatedWrites: true},
			write: true, webhook: true,
		},
		"the webhook with its token": {local: network, token: true, webhook: true},
	} {
		t.Run(name, func(t *testing.T) {
			h := fakes()
			h.WebhookToken = test.token
			s := listen(t, Config{}, h)
			s.cfg = test.cfg
			s.Handle(prometheus.NewRegistry(), h)
			for _, path := range mutating {
				allowed := test.write
				if strings.HasPrefix(path, "/alertmanager/webhook") {
					allowed = test.webhook
				}
				answer := s.ask(t, test.local, http.MethodPost, "10.0.0.7:8642", path, "")
				require.Equal(t, !allowed, answer.Code == http.StatusForbidden, "%s: %d", path, answer.Code)
			}
			for _, path := range []string{
				"/metrics", "/-/healthy", "/-/ready", "/api/v1/status", "/api/v1/episodes",
				"/", "/episodes", "/profiles/x", "/static/page.css",
			} {
				require.Equal(t, http.StatusOK,
					s.ask(t, test.local, http.MethodGet, "10.0.0.7:8642", path, "").Code, path)
			}
		})
	}
}

func TestARefusalSaysWhatToSet(t *testing.T) {
	s := listen(t, Config{}, fakes())
	answer := s.ask(t, network, http.MethodPost, network, "/api/v1/pause", "{}")
	require.Equal(t, "application/json", answer.Header().Get("Content-Type"))
	require.JSONEq(t, `{"error":"from another machine this needs authentication (set web.config_file with basic_auth_users or client certificates; `+
		`web.allow_unauthenticated_writes: true allows it without)"}`, answer.Body.String())
	answer = s.ask(t, network, http.MethodPost, network, "/alertmanager/webhook", "{}")
	require.Contains(t, answer.Body.String(),
		"set alerts.webhook.token_file here, and http_config.authorization.credentials_file in Alertmanager's")
	require.InDelta(t, 2, testutil.ToFloat64(s.metrics.refused.WithLabelValues(refusedWrite)), 0)
}

// TestAPageOfAnotherSiteChangesNothing sends what a browser says about such a page.
func TestAPageOfAnotherSiteChangesNothing(t *testing.T) {
	s := listen(t, Config{}, fakes())
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"} {
		for _, path := range []string{"/-/reload", "/api/v1/pause", "/alertmanager/webhook"} {
			ctx := context.WithValue(t.Context(), http.LocalAddrContextKey, &net.TCPAddr{IP: net.ParseIP(loopback), Port: 8642})
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, path, http.NoBody)
			r.Host = "localhost:8642"
			r.Header.Set(header, value)
			answer := httptest.NewRecorder()
			s.http.Handler.ServeHTTP(answer, r)
			require.Equal(t, http.StatusForbidden, answer.Code, "%s %s", path, header)
			require.Contains(t, answer.Body.String(), "the request comes from another site's page")
		}
	}
	require.InDelta(t, 6, testutil.ToFloat64(s.metrics.refused.WithLabelValues(refusedSite)), 0)
}

func TestHostNames(t *testing.T) {
	cfg := Config{
		ExternalURL:  "https://Sidecar.Example:8443/x",
		AllowedHosts: []string{"flink-sidecar", "*.svc.cluster.local"},
	}
	for _, test := range []struct {
		cfg               Config
		local, host, path string
		want              int
	}{
		{Config{}, loopback, "localhost", "/", 200},
		{Config{}, loopback, "localhost.", "/", 200},
		{Config{}, loopback, "LOCALHOST:8642", "/", 200},
		{Config{}, loopback, "127.0.0.1:1", "/", 200},
		{Config{}, loopback, "[::1]:1", "/", 200},
		{Config{}, loopback, "", "/", 200},
		{Config{}, loopback, "evil.example", "/", 421},
		{Config{}, loopback, "evil.example", "/metrics", 421},
		{Config{}, loopback, "localhost.evil.example", "/", 421},
		{cfg, loopback, "sidecar.example", "/", 200},
		{Config{}, network, "evil.example", "/", 421},
		{Config{}, network, "evil.example:8642", "/api/v1/status", 421},
		{Config{}, network, "10.0.0.7:8642", "/", 200},
		{Config{}, network, "[fe80::1]:8642", "/", 200},
		{Config{}, network, "10.0.0.7.evil.example", "/", 421},
		{Config{}, network, "0x0a.7", "/", 421},
		{Config{}, network, "flink-sidecar", "/", 421},
		{cfg, network, "flink-sidecar", "/", 200},
		{cfg, network, "FLINK-sidecar.:8642", "/", 200},
		{cfg, network, "sidecar.example", "/", 200},
		{cfg, network, "a.b.svc.cluster.local", "/", 200},
		{cfg, network, "svc.cluster.local", "/", 421},
		{cfg, network, "evil-svc.cluster.local", "/", 421},
		{Config{}, network, "any.name", "/metrics", 200},
		{Config{}, network, "any.name", "/-/healthy", 200},
		{Config{}, network, "any.name", "/-/ready", 200},
		{Config{}, network, "any.name", "/-/reload", 421},
	} {
		s := listen(t, test.cfg, fakes())
		answer := s.ask(t, test.local, http.MethodGet, test.host, test.path, "")
		require.Equal(t, test.want, answer.Code, "%s at %s, %s", test.host, test.local, test.path)
		if test.want == 421 && test.local == network {
			require.Contains(t, answer.Body.String(), "(set web.external_url, or add the name to web.allowed_hosts)")
		}
	}
}

// TestTheWebhookWithItsTokenNeedsNoHostName: Alertmanager comes by the name of a service,
// and drops what is answered with 4xx.
func TestTheWebhookWithItsTokenNeedsNoHostName(t *testing.T) {
	h := fakes()
	s := listen(t, Config{AllowUnauthenticatedWrites: true}, h)
	require.Equal(t, 421, s.ask(t, network, http.MethodPost, "flink-sidecar", "/alertmanager/webhook", "").Code)
	h.WebhookToken = true
	s.Handle(prometheus.NewRegistry(), h)
	require.Equal(t, 200, s.ask(t, network, http.MethodPost, "flink-sidecar", "/alertmanager/webhook", "").Code)
}

func TestAnOpenServerIsReported(t *testing.T) {
	require.Empty(t, listen(t, Config{}, fakes()).Unprotected())
	open := listen(t, Config{ListenAddress: "0.0.0.0:0"}, fakes())
	require.Regexp(t, `^every machine that reaches .* is refused \(set web\.config_file .*\)$`, open.Unprotected())
	deliberate := listen(t, Config{ListenAddress: "0.0.0.0:0", AllowUnauthenticatedWrites: true}, fakes())
	require.Regexp(t, `may read everything, pause the sidecar and start work \(set web\.config_file .*\)$`,
		deliberate.Unprotected())
	safe := listen(t, Config{ListenAddress: "0.0.0.0:0", ConfigFile: webFileOf(t, password)}, fakes())
	require.Empty(t, safe.Unprotected())
	require.Equal(t, 1, testutil.CollectAndCount(open, "flink_sidecar_web_unprotected"))
}

// TestOnlyRoutesWithBodiesTakeThem: a body that no handler reads would be waited for.
func TestOnlyRoutesWithBodiesTakeThem(t *testing.T) {
	s := listen(t, Config{}, fakes())
	for _, path := range []string{"/metrics", "/-/healthy", "/api/v1/status", "/"} {
		require.Equal(t, http.StatusRequestEntityTooLarge,
			s.ask(t, loopback, http.MethodGet, "", path, "x").Code, path)
		require.Equal(t, http.StatusOK, s.ask(t, loopback, http.MethodGet, "", path, "").Code, path)
	}
	require.Equal(t, http.StatusOK, s.ask(t, loopback, http.MethodPost, "", "/api/v1/pause", "x").Code)
}

// TestAFullPoolAnswers503 and leaves /metrics and writes alone.
func TestAFullPoolAnswers503(t *testing.T) {
	release := make(chan struct{})
	entered := make(chan struct{})
	h := fakes()
	h.API = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			entered <- struct{}{}
			<-release
		}
	})
	s := listen(t, Config{}, h)
	ended := make(chan struct{})
	for range pools["lists"] {
		go func() {
			s.ask(t, loopback, http.MethodGet, "", "/api/v1/episodes", "")
			ended <- struct{}{}
		}()
		<-entered
	}
	answer := s.ask(t, loopback, http.MethodGet, "", "/api/v1/measurements", "")
	require.Equal(t, http.StatusServiceUnavailable, answer.Code)
	require.Equal(t, "1", answer.Header().Get("Retry-After"))
	require.Equal(t, http.StatusOK, s.ask(t, loopback, http.MethodGet, "", "/metrics", "").Code)
	require.Equal(t, http.StatusOK, s.ask(t, loopback, http.MethodPost, "", "/api/v1/pause", "{}").Code)
	close(release)
	for range pools["lists"] {
		<-ended
	}
}
