package flink

import (
	"errors"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRootCause(t *testing.T) {
	frames := strings.Repeat("\tat org.apache.flink.Some.frame(Some.java:1)\n", 100)
	for name, test := range map[string]struct {
		texts []string
		want  string
	}{
		"none": {},
		"one line": {
			texts: []string{"Unable to load requested file /nope."},
			want:  "Unable to load requested file /nope.",
		},
		"the last cause of several": {
			texts: []string{"a.First: one\n" + frames + "Caused by: b.Second: two\n" + frames +
				"Caused by: c.Third: three\n" + frames + "\t... 5 more\n"},
			want: "c.Third: three",
		},
		"no cause, wrapped": {
			texts: []string{"Internal server error.", "<Exception on server " +
				"side:\njava.lang.UnsupportedOperationException: not so.\n" + frames +
				"\nEnd of exception on server side>"},
			want: "java.lang.UnsupportedOperationException: not so.",
		},
		"only the wrapping": {texts: []string{"Internal server error."}, want: "Internal server error."},
		"only frames":       {texts: []string{frames}},
		"hostile":           {texts: []string{"Caused by: a\x1b[31m\xffb\r\n"}, want: "a [31m\uFFFDb"},
		"long": {
			texts: []string{"Caused by: " + strings.Repeat("é", 1000)},
			want:  strings.Repeat("é", 299) + "…",
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, RootCause(strings.Join(test.texts, "\n"), maxCause))
		})
	}
}

func TestStatusErrorSaysWhatToDo(t *testing.T) {
	for code, want := range map[int]string{
		400: "flink: /jobs/:jobid answered 400 Bad Request: no " +
			"(check that flink.url is the JobManager's REST address)",
		401: "flink: /jobs/:jobid answered 401 Unauthorized: no (set the credentials in flink.http, or renew them)",
		403: "flink: /jobs/:jobid answered 403 Forbidden: no (allow the credentials in flink.http to read this path)",
		404: "flink: /jobs/:jobid answered 404 Not Found: no (it may have ended, or this Flink does not offer it)",
		503: "flink: /jobs/:jobid answered 503 Service Unavailable: no (see the JobManager's log)",
	} {
		require.EqualError(t, &StatusError{Endpoint: "/jobs/:jobid", Code: code, Cause: "no"}, want)
	}
	require.EqualError(t, &StatusError{Endpoint: "/overview", Code: 500},
		"flink: /overview answered 500 Internal Server Error (see the JobManager's log)")
}

func TestDiagnose(t *testing.T) {
	for want, err := range map[string]error{
		"unknown host jobmanager (check flink.url)":                                               &net.OpError{Op: "dial", Err: &net.DNSError{Name: "jobmanager", Err: "no such host", IsNotFound: true}},
		"connection refused (check flink.url, and that the JobManager runs)":                      &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED},
		"the connection was cut during the answer (check the JobManager and any proxy before it)": io.ErrUnexpectedEOF,
		"remote error: tls: bad certificate (set flink.http.tls_config.cert_file to a client certificate that the " +
			"server trusts)": &net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")},
		"dial tcp: connect: no route to host (check flink.url and flink.http)": &net.OpError{
			Op:  "dial",
			Net: "tcp", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH),
		},
		"unable to read file /run/password: no such file (check flink.url and flink.http)": errors.New("unable to read file /run/password: no such file"),
	} {
		reason, fix := diagnose(&url.Error{Op: "Get", URL: "http://user:secret@host/path?get=a", Err: err})
		require.Equal(t, want, reason+" ("+fix+")")
	}
}
