package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// Prometheus' Accept headers for native histograms, OpenMetrics, and the old text format.
const (
	acceptProtobuf    = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.2"
	acceptOpenMetrics = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
	acceptText        = "text/plain;version=0.0.4"
)

// scrape asks for /metrics as a scraper does.
func (sc runningSidecar) scrape(t *testing.T, accept string) (contentType string, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sc.url+"/metrics", nil)
	require.NoError(t, err)
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	body, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.Header.Get("Content-Type"), body
}

// startPolled starts a sidecar that has polled.
func startPolled(t *testing.T) runningSidecar {
	t.Helper()
	sc := startSidecar(t, "--flink.url="+flinktest.New(t, flinktest.Flink23).URL)
	require.Eventually(t, func() bool {
		_, page := sc.get(t, "/metrics")
		return strings.Contains(page, `flink_job_up{`)
	}, soon, 20*time.Millisecond)
	return sc
}

func TestScrapedAsProtobuf(t *testing.T) {
	t.Parallel()
	contentType, body := startPolled(t).scrape(t, acceptProtobuf)
	require.Contains(t, contentType, "application/vnd.google.protobuf")
	families := map[string]*dto.MetricFamily{}
	decoder := expfmt.NewDecoder(bytes.NewReader(body), expfmt.NewFormat(expfmt.TypeProtoDelim))
	for {
		var f dto.MetricFamily
		err := decoder.Decode(&f)
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		families[f.GetName()] = &f
	}
	polls := families["flink_sidecar_collector_poll_duration_seconds"].GetMetric()[0].GetHistogram()
	require.EqualValues(t, 3, polls.GetSchema(), "a factor of 1.1 is the schema of 2^(1/8)")
	require.NotEmpty(t, polls.GetPositiveSpan(), "native buckets")
	require.NotEmpty(t, polls.GetBucket(), "and the classic ones beside them")
	require.NotNil(t, polls.GetCreatedTimestamp())
	require.InDelta(t, 1, families["flink_job_up"].GetMetric()[0].GetGauge().GetValue(), 0)
}

func TestScrapedAsText(t *testing.T) {
	t.Parallel()
	contentType, body := startPolled(t).scrape(t, acceptText)
	require.Contains(t, contentType, "text/plain; version=0.0.4")
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(body))
	require.NoError(t, err)
	require.Equal(t, dto.MetricType_HISTOGRAM, families["flink_sidecar_collector_poll_duration_seconds"].GetType())
	require.Contains(t, families, "flink_vertex_busy_ratio")
	promtoolIsContent(t, body)
}

// promtoolIsContent lints the page with promtool, if it is installed.
func promtoolIsContent(t *testing.T, page []byte) {
	t.Helper()
	cache, err := os.UserCacheDir()
	require.NoError(t, err)
	found, err := filepath.Glob(filepath.Join(cache, "flink-sidecar", "prometheus-*", "usr", "bin", "promtool"))
	require.NoError(t, err)
	if len(found) == 0 {
		t.Log("no promtool on this machine")
		return
	}
	cmd := exec.CommandContext(t.Context(), found[0], "check", "metrics")
	cmd.Stdin = bytes.NewReader(page)
	said, _ := cmd.CombinedOutput() // it also minds the names of Go's own metrics
	for line := range strings.Lines(string(said)) {
		require.False(t, strings.HasPrefix(line, "flink_"), line)
	}
}

func TestScrapedAsOpenMetrics(t *testing.T) {
	t.Parallel()
	contentType, body := startPolled(t).scrape(t, acceptOpenMetrics)
	require.Contains(t, contentType, "application/openmetrics-text; version=1.0.0")
	samples := readOpenMetrics(t, string(body))
	require.Positive(t, samples["flink_sidecar_collector_polls_total"])
	require.Positive(t, samples["flink_sidecar_collector_poll_duration_seconds_bucket"])
	require.Positive(t, samples["flink_job_up"])
	for name := range samples {
		require.False(t, strings.HasSuffix(name, "_created"), "%s would be a series of its own", name)
	}
}

var (
	openMeta   = regexp.MustCompile(`^# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)$`)
	openSample = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*\})? (NaN|[+-]Inf|-?[0-9.eE+-]+)( # \{.*\} [0-9.eE+-]+( [0-9.]+)?)?$`)
)

// readOpenMetrics checks the rules of OpenMetrics that break a scraper, and counts the
// samples by name.
func readOpenMetrics(t *testing.T, page string) map[string]int {
	t.Helper()
	body, ended := strings.CutSuffix(page, "# EOF\n")
	require.True(t, ended, "a page ends in # EOF")
	endings := map[string][]string{
		"counter": {"_total"}, "gauge": {""}, "histogram": {"_bucket", "_sum", "_count"},
		"summary": {"", "_sum", "_count"}, "unknown": {""},
	}
	samples, seen := map[string]int{}, map[string]bool{}
	family, kind := "", ""
	for line := range strings.Lines(body) {
		line = strings.TrimSuffix(line, "\n")
		if m := openMeta.FindStringSubmatch(line); m != nil {
			if m[2] != family {
				require.False(t, seen[m[2]], "%s comes twice", m[2])
				family, seen[m[2]] = m[2], true
			}
			if m[1] == "TYPE" {
				kind = m[3]
			}
			continue
		}
		m := openSample.FindStringSubmatch(line)
		require.NotNil(t, m, line)
		ending, ours := strings.CutPrefix(m[1], family)
		require.True(t, ours, "%s is in the family %s", m[1], family)
		require.Contains(t, endings[kind], ending, "%s %s", kind, line)
		if m[4] != "" {
			require.Contains(t, []string{"_bucket", "_total"}, ending, "an exemplar: %s", line)
		}
		samples[m[1]]++
	}
	return samples
}

// webConfig writes a web configuration with a password for alice and, if wanted, a
// certificate.
func webConfig(t *testing.T, withTLS bool) string {
	t.Helper()
	dir := t.TempDir()
	// The bcrypt of "wonderland", of the least cost.
	text := "basic_auth_users:\n  alice: $2a$04$z/EyDHykD1Fl9fa13/gyf.RlCHf4VptqOVelQf4yCWZMK/YOdorEy\n"
	if withTLS {
		cert, key := selfSigned(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), cert, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "key.pem"), key, 0o600))
		text += "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n"
	}
	path := filepath.Join(dir, "web.yml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// selfSigned is the certificate that httptest brings.
func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.StartTLS()
	defer server.Close()
	pair := server.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})
}

func TestHealthNeedsNoPassword(t *testing.T) {
	t.Parallel()
	for name, withTLS := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			sc := startSidecar(t, "--flink.url=http://127.0.0.1:1", "--web.config.file="+webConfig(t, withTLS))
			require.Equal(t, withTLS, strings.HasPrefix(sc.url, "https://"))
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // whose certificate it is does not matter here
			defer client.CloseIdleConnections()
			status := func(path, user, password string) int {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sc.url+path, nil)
				require.NoError(t, err)
				if user != "" {
					req.SetBasicAuth(user, password)
				}
				resp, err := client.Do(req)
				require.NoError(t, err)
				require.NoError(t, resp.Body.Close())
				return resp.StatusCode
			}
			for path, want := range map[string]int{
				"/-/healthy": 200, "/-/ready": 200, "/-/reload": 401,
				"/metrics": 401, "/": 401, "/api/v1/status": 401, "/-/healthy/../../metrics": 401, "/-/ready/": 401,
			} {
				require.Equal(t, want, status(path, "", ""), path)
			}
			require.Equal(t, 401, status("/metrics", "alice", "looking-glass"))
			require.Equal(t, 200, status("/metrics", "alice", "wonderland"))
			require.Equal(t, 200, status("/", "alice", "wonderland"))
		})
	}
}

func TestWrongWebConfigurationIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "web.yml")
	require.NoError(t, os.WriteFile(path,
		[]byte("tls_server_config:\n  cert_file: none.pem\n  key_file: none.pem\n"), 0o600))
	var stderr output
	code := run(t.Context(), []string{"run", "--flink.url=http://127.0.0.1:1", "--history.path=" +
		filepath.Join(t.TempDir(), "h.db"), "--web.listen-address=127.0.0.1:0", "--web.config.file=" + path},
		io.Discard, &stderr)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr.String(), "web.config_file "+path)
	require.Contains(t, stderr.String(), "web-configuration.md)")
}
