package main

import (
	"bytes"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"
)

// The file is one that Go reads, with the roots by which an LLM or a Grafana of the internet is known.
func TestTheCertificates(t *testing.T) {
	var file bytes.Buffer
	require.NoError(t, write(&file))
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(file.Bytes()))
	require.Greater(t, bytes.Count(file.Bytes(), []byte("BEGIN CERTIFICATE")), 100)
	var again bytes.Buffer
	require.NoError(t, write(&again))
	require.Equal(t, file.String(), again.String())
}
