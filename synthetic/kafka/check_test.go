package kafka

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The line has the name of the file with the password, never the password.
func TestAWrongPasswordIsSetWithoutShowingIt(t *testing.T) {
	c := checker{cfg: &Config{Brokers: []string{"a:9092", "b:9092"}, SASL: &SASLConfig{
		Mechanism: saslScramSHA512, Username: "probe", PasswordFile: "/etc/it's",
	}}}
	require.Equal(t, `kafka-configs.sh --bootstrap-server 'a:9092,b:9092' --alter --entity-type users `+
		`--entity-name 'probe' --add-config "SCRAM-SHA-512=[password=$(cat '/etc/it'\''s')]"`, c.passwordFix().Line)
	for _, mechanism := range []string{saslPlain, saslOAuthBearer} {
		c.cfg.SASL.Mechanism = mechanism
		require.Nil(t, c.passwordFix())
	}
	// Whoever the token belongs to is not known, so there is no line that grants anything.
	c.cfg.SASL.Username = ""
	require.Nil(t, c.grant(c.cfg.writing("orders")))
}
