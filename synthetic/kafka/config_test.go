package kafka

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

func TestKafkaFaults(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       []string
	}{
		{"good", "brokers: [127.0.0.1:9092, '[::1]:9092']\n", nil},
		{
			"with TLS and SASL",
			"brokers: [a:1]\ntls: {ca_file: /nowhere/ca.pem}\nsasl: {mechanism: PLAIN, username: u, " +
				"password_file: /nowhere/p}\n",
			nil,
		},
		{"empty", "", []string{`brokers: no brokers are named (list at least one as host:port)`}},
		{
			"no port", "brokers: [localhost]\n",
			[]string{`brokers[0]: "localhost" is not an address (write it as host:port)`},
		},
		{"incomplete SASL", "brokers: [a:1]\nsasl: {mechanism: GSSAPI}\n", []string{
			`sasl.mechanism: "GSSAPI" is not a known mechanism (use PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER)`,
			`sasl.username: no user is named (set it)`,
			`sasl.password_file: no password file is named (put the password in a file and name it here)`,
		}},
		{"OAUTHBEARER without a token", "brokers: [a:1]\nsasl: {mechanism: OAUTHBEARER, password_file: p}\n", []string{
			`sasl.token_file: no token file is named (let a program keep the token in a file and name it here)`,
			`sasl.password_file: OAUTHBEARER has no password (remove it)`,
		}},
		{
			"a token for another mechanism",
			"brokers: [a:1]\nsasl: {mechanism: PLAIN, username: u, password_file: p, token_file: t}\n",
			[]string{`sasl.token_file: only OAUTHBEARER has a token (remove it, or use mechanism: OAUTHBEARER)`},
		},
		{"OAUTHBEARER", "brokers: [a:1]\nsasl: {mechanism: OAUTHBEARER, token_file: t}\n", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c Config
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &c))
			require.Equal(t, tc.want, synthetictest.FaultTexts(c.Validate()))
		})
	}
}

func TestPasswordIsReadForEachConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "password")
	c := SASLConfig{Mechanism: saslPlain, Username: "u", PasswordFile: path}
	_, err := c.password()
	require.EqualError(
		t, err,
		"kafka: stat "+path+": no such file or directory (create the file, or correct kafka.sasl.password_file)",
	)
	for _, secret := range []string{"first\n", "second"} {
		require.NoError(t, os.WriteFile(path, []byte(secret), 0o600))
		got, err := c.password()
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(secret), got)
	}
	require.NoError(t, os.WriteFile(path, make([]byte, maxSecretBytes+1), 0o600))
	_, err = c.password()
	require.EqualError(
		t, err, "kafka: "+path+" has 4097 bytes, too many for a password (correct kafka.sasl.password_file)",
	)
}

// TestTokenIsReadForEachConnection: the first message of a session is that of RFC 7628.
func TestTokenIsReadForEachConnection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	c := SASLConfig{Mechanism: saslOAuthBearer, TokenFile: path}
	_, err := c.secret()
	require.ErrorContains(t, err, "(create the file, or correct kafka.sasl.token_file)")
	mechanism := c.mechanism()
	require.Equal(t, "OAUTHBEARER", mechanism.Name())
	for _, token := range []string{"first", "second"} {
		require.NoError(t, os.WriteFile(path, []byte(token+"\n"), 0o600))
		_, message, err := mechanism.Authenticate(t.Context(), "broker")
		require.NoError(t, err)
		require.Equal(t, "n,,\x01auth=Bearer "+token+"\x01\x01", string(message))
	}
	require.Equal(t, "the user of the token", (&Config{SASL: &c}).principal())
}
