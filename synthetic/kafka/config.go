package kafka

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"

	promconfig "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// The supported SASL mechanisms.
const (
	saslPlain       = "PLAIN"
	saslScramSHA256 = "SCRAM-SHA-256"
	saslScramSHA512 = "SCRAM-SHA-512"
	saslOAuthBearer = "OAUTHBEARER"
)

// maxSecretBytes bounds a password file, maxTokenBytes a token file: a token may carry the
// groups of its user.
const (
	maxSecretBytes = 4 << 10
	maxTokenBytes  = 64 << 10
)

// Config is the section kafka: the connection to the brokers.
type Config struct {
	// Brokers are host:port each; one reachable broker is enough.
	Brokers []string `yaml:"brokers"`
	// TLS is nil for plaintext.
	TLS *promconfig.TLSConfig `yaml:"tls"`
	// SASL is nil for no authentication.
	SASL *SASLConfig `yaml:"sasl"`
}

// SASLConfig names the probe's user. The password or the token is read from a file for each
// connection, so that it can change.
type SASLConfig struct {
	Mechanism    string `yaml:"mechanism"`
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
	// TokenFile has the bearer token of OAUTHBEARER, which has no password. Another program
	// renews it, as Kubernetes does with a projected token. Username is then optional: the
	// token names its user.
	TokenFile string `yaml:"token_file"`
}

// Validate returns what is wrong with the section. It does not open files, because they
// may be missing on the machine that checks a configuration.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	if len(c.Brokers) == 0 {
		faults.Add("brokers", "list at least one as host:port", "no brokers are named")
	}
	for i, broker := range c.Brokers {
		if _, _, err := net.SplitHostPort(broker); err != nil {
			faults.Add(fmt.Sprintf("brokers[%d]", i), "write it as host:port", "%q is not an address", broker)
		}
	}
	if c.TLS != nil {
		if err := c.TLS.Validate(); err != nil {
			faults.Add("tls", "correct it as Prometheus' tls_config is written", "%v", err)
		}
	}
	if c.SASL != nil {
		faults = append(faults, c.SASL.validate().Under("sasl")...)
	}
	return faults
}

func (c *SASLConfig) validate() setting.Faults {
	var faults setting.Faults
	mechanisms := []string{saslPlain, saslScramSHA256, saslScramSHA512, saslOAuthBearer}
	if !slices.Contains(mechanisms, c.Mechanism) {
		faults.Add("mechanism", "use "+strings.Join(mechanisms, ", "), "%q is not a known mechanism", c.Mechanism)
	}
	if c.Mechanism == saslOAuthBearer {
		if c.TokenFile == "" {
			faults.Add("token_file", "let a program keep the token in a file and name it here", "no token file is named")
		}
		if c.PasswordFile != "" {
			faults.Add("password_file", "remove it", "OAUTHBEARER has no password")
		}
		return faults
	}
	if c.Username == "" {
		faults.Add("username", "set it", "no user is named")
	}
	if c.PasswordFile == "" {
		faults.Add("password_file", "put the password in a file and name it here", "no password file is named")
	}
	if c.TokenFile != "" {
		faults.Add("token_file", "remove it, or use mechanism: OAUTHBEARER", "only OAUTHBEARER has a token")
	}
	return faults
}

// secret reads the current password or token.
func (c *SASLConfig) secret() (string, error) {
	if c.Mechanism == saslOAuthBearer {
		return readSecret(c.TokenFile, "token", "kafka.sasl.token_file", maxTokenBytes)
	}
	return c.password()
}

// password reads the current password.
func (c *SASLConfig) password() (string, error) {
	return readSecret(c.PasswordFile, "password", "kafka.sasl.password_file", maxSecretBytes)
}

// readSecret reads a file of at most limit bytes, without the newline at its end.
func readSecret(path, what, key string, limit int64) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("kafka: %w (create the file, or correct %s)", err, key)
	case info.Size() > limit:
		return "", fmt.Errorf("kafka: %s has %d bytes, too many for a %s (correct %s)", path, info.Size(), what, key)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("kafka: %w (make it readable for this user)", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// The isolation levels for reading a Kafka sink.
const (
	ReadCommitted   = "read_committed"
	readUncommitted = "read_uncommitted"
)

// SinkConfig is a topic that the job writes.
type SinkConfig struct {
	Topic string `yaml:"topic"`
	// Isolation is read_committed (the default: a record counts as seen after a
	// transactional sink has committed it) or read_uncommitted.
	Isolation string `yaml:"isolation"`
}

// UnmarshalYAML fills absent keys with the defaults.
func (s *SinkConfig) UnmarshalYAML(unmarshal func(any) error) error {
	*s = SinkConfig{Isolation: ReadCommitted}
	type plain SinkConfig
	return unmarshal((*plain)(s))
}

// Validate returns the faults of the section.
func (s *SinkConfig) Validate() setting.Faults {
	var faults setting.Faults
	synthetic.ValidateTopic(&faults, "topic", s.Topic)
	if s.Isolation != ReadCommitted && s.Isolation != readUncommitted {
		faults.Add("isolation", "use read_committed or read_uncommitted", "%q is not an isolation level", s.Isolation)
	}
	return faults
}
