package flink_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// authority signs certificates and keeps the files of each in a directory.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// newAuthority returns an authority of its own kind; NAME.pem is its certificate.
func newAuthority(t *testing.T, dir, name string) *authority {
	t.Helper()
	a := &authority{t: t, dir: dir}
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	a.cert, a.key = a.issue(template, name)
	return a
}

// issue writes NAME.pem and NAME-key.pem.
func (a *authority) issue(template *x509.Certificate, name string) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	template.SerialNumber = big.NewInt(time.Now().UnixNano())
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Now().Add(time.Hour)
	}
	template.NotBefore = template.NotAfter.Add(-2 * time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	require.NoError(a.t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(a.t, err)
	write(a.t, a.dir, name+".pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(a.t, a.dir, name+"-key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	cert, err := x509.ParseCertificate(der)
	require.NoError(a.t, err)
	return cert, key
}

// server issues the certificate of a server on loopback.
func (a *authority) server(name string, change func(*x509.Certificate)) {
	a.t.Helper()
	template := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if change != nil {
		change(template)
	}
	a.issue(template, name)
}

// user issues the certificate of a client.
func (a *authority) user(name string) {
	a.t.Helper()
	a.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, name)
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// overview answers as a JobManager does.
func overview(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(`{"flink-version":"2.3.0"}`))
}

// serveTLS serves with the certificate in dir of that name. Clients need one of
// their own if trusted names the authority for them.
func serveTLS(t *testing.T, dir, name, trusted string) *httptest.Server {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, name+".pem"), filepath.Join(dir, name+"-key.pem"))
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(overview))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.Config.ErrorLog = log.New(new(strings.Builder), "", 0) // that clients are refused is what is tested
	if trusted != "" {
		text, err := os.ReadFile(filepath.Join(dir, trusted+".pem"))
		require.NoError(t, err)
		server.TLS.ClientAuth, server.TLS.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		server.TLS.ClientCAs.AppendCertsFromPEM(text)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// configured returns a client whose http section is written as in a configuration,
// with DIR for the directory of the files.
func configured(t *testing.T, url, dir, section string) (*flink.Client, error) {
	t.Helper()
	cfg := flink.DefaultConfig()
	text := fmt.Sprintf("url: %s\ncluster: test\ntimeout: 5s\nhttp: %s\n", url,
		strings.ReplaceAll(section, "DIR", dir))
	require.NoError(t, yaml.Unmarshal([]byte(text), &cfg))
	require.Empty(t, cfg.Validate())
	c, err := flink.New(cfg)
	if err == nil {
		t.Cleanup(c.CloseIdleConnections)
	}
	return c, err
}

func TestTLSOfFlink(t *testing.T) {
	dir := t.TempDir()
	ours, theirs := newAuthority(t, dir, "ours"), newAuthority(t, dir, "theirs")
	ours.server("jobmanager", nil)
	ours.server("other-host", func(c *x509.Certificate) {
		c.IPAddresses, c.DNSNames = nil,
			[]string{"jobmanager.example"}
	})
	ours.server("expired", func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	ours.user("sidecar")
	theirs.user("stranger")

	const ca, mine = "tls_config: {ca_file: DIR/ours.pem}",
		"tls_config: {ca_file: DIR/ours.pem, cert_file: DIR/sidecar.pem, key_file: DIR/sidecar-key.pem}"
	for name, test := range map[string]struct {
		server, trusted string
		http            string
		fault           string // empty: it works
	}{
		"own authority": {server: "jobmanager", http: "{" + ca + "}"},
		"another authority": {
			server: "jobmanager", http: "{tls_config: {ca_file: DIR/theirs.pem}}",
			fault: "certificate signed by unknown authority (check flink.http.tls_config.ca_file)",
		},
		"no authority": {
			server: "jobmanager", http: "{}",
			fault: "certificate signed by unknown authority (check flink.http.tls_config.ca_file)",
		},
		"another name": {
			server: "other-host", http: "{" + ca + "}",
			fault: "(correct flink.url, or set flink.http.tls_config.server_name to a name in the certificate)",
		},
		"another name, told": {
			server: "other-host",
			http:   "{tls_config: {ca_file: DIR/ours.pem, server_name: jobmanager.example}}",
		},
		"expired": {
			server: "expired", http: "{" + ca + "}",
			fault: "(renew the server's certificate, or correct the clock of this machine)",
		},
		"mutual": {server: "jobmanager", trusted: "ours", http: "{" + mine + "}"},
		"mutual, none": {
			server: "jobmanager", trusted: "ours", http: "{" + ca + "}",
			fault: "remote error: tls: certificate required " +
				"(set flink.http.tls_config.cert_file to a client certificate that the server trusts)",
		},
		"mutual, not trusted": {
			server: "jobmanager", trusted: "ours", http: "{tls_config: {ca_file: " +
				"DIR/ours.pem, cert_file: DIR/stranger.pem, key_file: DIR/stranger-key.pem}}",
			fault: "(set flink.http.tls_config.cert_file to a client certificate that the server trusts)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := configured(t, serveTLS(t, dir, test.server, test.trusted).URL, dir, test.http)
			require.NoError(t, err)
			_, err = c.Overview(t.Context())
			if test.fault == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, flink.ErrUnreachable)
			require.ErrorContains(t, err, test.fault)
		})
	}

	for file, section := range map[string]string{
		"absent.pem":     "{tls_config: {ca_file: DIR/absent.pem}}",
		"absent-key.pem": "{tls_config: {cert_file: DIR/sidecar.pem, key_file: DIR/absent-key.pem}}",
	} {
		_, err := configured(t, "https://127.0.0.1:1", dir, section)
		require.ErrorContains(t, err, file)
		require.ErrorContains(t, err, "(check flink.http)")
	}
}

// A certificate that is renewed in its file is used without a restart.
func TestRenewedCertificatesAreReadAgain(t *testing.T) {
	dir := t.TempDir()
	ours := newAuthority(t, dir, "ours")
	ours.server("jobmanager", nil)
	newAuthority(t, dir, "theirs").user("sidecar")
	server := serveTLS(t, dir, "jobmanager", "ours")
	c, err := configured(t, server.URL, dir,
		"{tls_config: {ca_file: DIR/ours.pem, cert_file: DIR/sidecar.pem, key_file: DIR/sidecar-key.pem}}")
	require.NoError(t, err)
	_, err = c.Overview(t.Context())
	require.ErrorIs(t, err, flink.ErrUnreachable)
	ours.user("sidecar")
	_, err = c.Overview(t.Context())
	require.NoError(t, err)
}

// guarded is a Flink behind a proxy that wants a header and answers below a path.
func guarded(t *testing.T, header, value string) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get(header) != value:
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path != "/flink/eu/overview":
			w.WriteHeader(http.StatusForbidden)
		default:
			overview(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func TestCredentialsOfFlink(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "token", "right-token\n")
	write(t, dir, "password", "right-password\n")
	const basic = "Basic c2lkZWNhcjpyaWdodC1wYXNzd29yZA==" // sidecar:right-password
	for name, test := range map[string]struct{ header, value, http string }{
		"bearer, from a file": {
			"Authorization", "Bearer right-token",
			"{authorization: {credentials_file: DIR/token}}",
		},
		"bearer, written out": {
			"Authorization", "Bearer right-token",
			"{authorization: {credentials: right-token}}",
		},
		"another scheme": {
			"Authorization", "ApiKey right-token",
			"{authorization: {type: ApiKey, credentials_file: DIR/token}}",
		},
		"basic, password from a file": {
			"Authorization", basic,
			"{basic_auth: {username: sidecar, password_file: DIR/password}}",
		},
		"basic, written out": {
			"Authorization", basic,
			"{basic_auth: {username: sidecar, password: right-password}}",
		},
		"a header": {"X-Tenant", "orders", "{http_headers: {X-Tenant: {values: [orders]}}}"},
		"a header, a secret": {
			"X-Api-Key", "right-token",
			"{http_headers: {X-Api-Key: {secrets: [right-token]}}}",
		},
		"a header, secret from a file": {
			"X-Api-Key", "right-token",
			"{http_headers: {X-Api-Key: {files: [DIR/token]}}}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := guarded(t, test.header, test.value)
			c, err := configured(t, server.URL+"/flink/eu/", dir, test.http)
			require.NoError(t, err)
			_, err = c.Overview(t.Context())
			require.NoError(t, err)

			c, err = configured(t, server.URL, dir, test.http)
			require.NoError(t, err)
			_, err = c.Overview(t.Context())
			require.EqualError(t, err, "flink: /overview answered 403 Forbidden "+
				"(allow the credentials in flink.http to read this path)")

			c, err = configured(t, server.URL+"/flink/eu", dir, strings.NewReplacer("right-", "wrong-", "DIR/token",
				write(t, dir, "wrong", "wrong-token"), "DIR/password", write(t, dir, "wrong", "wrong-password"),
				"orders", "payments").Replace(test.http))
			require.NoError(t, err)
			_, err = c.Overview(t.Context())
			require.EqualError(t, err, "flink: /overview answered 401 Unauthorized "+
				"(set the credentials in flink.http, or renew them)")
		})
	}
}

func TestRotatedCredentialsAreReadAgain(t *testing.T) {
	for name, test := range map[string]struct{ header, before, after, http string }{
		"bearer": {"Authorization", "Bearer old", "Bearer new", "{authorization: {credentials_file: DIR/secret}}"},
		"basic": {
			"Authorization", "Basic YTpvbGQ=", "Basic YTpuZXc=",
			"{basic_auth: {username: a, password_file: DIR/secret}}",
		},
		"header": {"X-Api-Key", "old", "new", "{http_headers: {X-Api-Key: {files: [DIR/secret]}}}"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := write(t, dir, "secret", "old\n")
			c, err := configured(t, guarded(t, test.header, test.before).URL+"/flink/eu", dir, test.http)
			require.NoError(t, err)
			_, err = c.Overview(t.Context())
			require.NoError(t, err)

			c, err = configured(t, guarded(t, test.header, test.after).URL+"/flink/eu", dir, test.http)
			require.NoError(t, err)
			_, err = c.Overview(t.Context())
			require.ErrorContains(t, err, "401")
			write(t, dir, "secret", "new\n")
			_, err = c.Overview(t.Context())
			require.NoError(t, err)

			require.NoError(t, os.Remove(path))
			_, err = c.Overview(t.Context())
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, err, "(let the sidecar read the file, or correct flink.http)")
		})
	}
}

// A proxy that redirects to a login page elsewhere must not receive our headers.
func TestRedirectsStayOnTheHost(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter,
		r *http.Request,
	) {
		t.Errorf("asked with %v", r.Header)
	}))
	defer elsewhere.Close()
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/overview":
			http.Redirect(w, r, elsewhere.URL+"/login", http.StatusFound)
		case "/old/overview":
			http.Redirect(w, r, "/new/overview", http.StatusMovedPermanently)
		case "/loop/overview":
			http.Redirect(w, r, "/loop/overview", http.StatusFound)
		default:
			overview(w, r)
		}
	}))
	defer proxy.Close()
	const key = "{http_headers: {X-Api-Key: {secrets: [hush]}}}"
	c, err := configured(t, proxy.URL, "", key)
	require.NoError(t, err)
	_, err = c.Overview(t.Context())
	const moved = "flink: /overview answered 302 Found " +
		"(set the credentials in flink.http, or correct flink.url: the server asks for a login, or Flink has moved)"
	require.EqualError(t, err, moved)
	c, err = configured(t, proxy.URL+"/loop", "", key)
	require.NoError(t, err)
	_, err = c.Overview(t.Context())
	require.EqualError(t, err, moved)
	c, err = configured(t, proxy.URL+"/old", "", key)
	require.NoError(t, err)
	_, err = c.Overview(t.Context())
	require.NoError(t, err, "on the same host it is followed")
}

// Whatever goes wrong, no secret is in what is said of it.
func TestSecretsAreNeverTold(t *testing.T) {
	const secret = "hush-hush"
	dir := t.TempDir()
	write(t, dir, "secret", secret)
	write(t, dir, "two-lines", secret+"\n"+secret)
	refusing := guarded(t, "X-None", "x")
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for _, url := range []string{refusing.URL, closed.URL, strings.Replace(refusing.URL, "http", "https", 1)} {
		for _, section := range []string{
			"{authorization: {credentials: " + secret + "}}",
			"{authorization: {credentials_file: DIR/two-lines}}",
			"{basic_auth: {username: a, password: " + secret + "}}",
			"{basic_auth: {username: a, password_file: DIR/secret}}",
			"{http_headers: {X-Api-Key: {secrets: [" + secret + "]}}}",
			"{http_headers: {X-Api-Key: {files: [DIR/two-lines]}}}",
		} {
			c, err := configured(t, url, dir, section)
			require.NoError(t, err)
			_, err = c.Overview(t.Context())
			require.Error(t, err)
			require.NotContains(t, err.Error(), secret)
			require.NotContains(t, pageOf(t, c), secret)
		}
	}
	_, err := configured(t, "http://127.0.0.1:1", dir, "{tls_config: {ca: "+secret+"}}")
	require.Error(t, err)
	require.NotContains(t, err.Error(), secret)
}

// pageOf is what the client's metrics look like.
func pageOf(t *testing.T, c *flink.Client) string {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	var text strings.Builder
	for _, f := range families {
		_, err := expfmt.MetricFamilyToText(&text, f)
		require.NoError(t, err)
	}
	return text.String()
}
