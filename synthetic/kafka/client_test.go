package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	promconfig "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

func TestKafkaErrorsSayWhatToDo(t *testing.T) {
	anonymous := &Config{Brokers: []string{"a:9092", "b:9092"}}
	user := &Config{Brokers: []string{"a:9092"}, SASL: &SASLConfig{Username: "probe"}}
	certificate := &Config{
		Brokers: []string{"a:9092"}, TLS: &promconfig.TLSConfig{CertFile: "c.pem", KeyFile: "k.pem"},
	}
	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	for _, tc := range []struct {
		name      string
		use       topicUse
		err       error
		want      string
		permanent bool
	}{
		{
			"no topic", anonymous.writing("orders"), kerr.UnknownTopicOrPartition,
			`kafka: topic "orders" does not exist (create it, or correct probe.topic)`, true,
		},
		{
			"no sink topic", anonymous.reading("enriched", "out"), fmt.Errorf("wrapped: %w", kerr.UnknownTopicID),
			`kafka: topic "out" does not exist (create it, or correct sinks[name=enriched].kafka.topic)`, true,
		},
		{
			"no right, anonymous", anonymous.writing("orders"), kerr.TopicAuthorizationFailed,
			`kafka: not authorised to write to "orders" (grant WRITE and DESCRIBE on the topic to User:ANONYMOUS)`,
			true,
		},
		{
			"no right, a user", user.reading("enriched", "out"), kerr.TopicAuthorizationFailed,
			`kafka: not authorised to read "out" (grant READ and DESCRIBE on the topic to user "probe")`, true,
		},
		{
			"no right, a certificate", certificate.writing("orders"), kerr.TopicAuthorizationFailed,
			`kafka: not authorised to write to "orders" (grant WRITE and DESCRIBE on the topic to the client ` +
				`certificate's principal)`,
			true,
		},
		{
			"wrong password", user.writing("orders"), kerr.SaslAuthenticationFailed,
			`kafka: the brokers refuse user "probe": SASL_AUTHENTICATION_FAILED: SASL Authentication failed. ` +
				`(correct kafka.sasl)`,
			false,
		},
		{
			"no broker", anonymous.writing("orders"), refused,
			`kafka: no broker answers at a:9092, b:9092: dial tcp: connection refused (start the brokers, or ` +
				`correct kafka.brokers)`,
			false,
		},
		{
			"no answer in time", user.writing("orders"), context.DeadlineExceeded,
			`kafka: no broker answers at a:9092: context deadline exceeded (start the brokers, or correct ` +
				`kafka.brokers)`,
			false,
		},
		{
			"not produced in time", user.writing("orders"), kgo.ErrRecordTimeout,
			`kafka: no broker answers at a:9092: records have timed out before they were able to be produced ` +
				`(start the brokers, or correct kafka.brokers)`,
			false,
		},
		{
			"a broker's own trouble", user.writing("orders"), kerr.NotEnoughReplicas,
			`kafka: NOT_ENOUGH_REPLICAS: Messages are rejected since there are fewer in-sync replicas than ` +
				`required. (it is tried again)`,
			false,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := tc.use.explain(tc.err)
			require.EqualError(t, err, tc.want)
			require.ErrorIs(t, err, tc.err)
			require.Equal(t, tc.permanent, synthetic.IsPermanent(err))
			require.EqualError(t, tc.use.explain(errors.Join(err)), tc.want, "logged once")
		})
	}
	require.NoError(t, anonymous.writing("orders").explain(nil))
}
