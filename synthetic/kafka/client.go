package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// The limits of one exchange with the brokers. A request fails after kafkaTimeout,
// retries included, so that an unreachable broker delays only one round.
const (
	kafkaTimeout      = 5 * time.Second
	kafkaRetryTimeout = 4 * time.Second
	kafkaDialTimeout  = 3 * time.Second
	// kafkaIdle is shorter than the ten minutes after which brokers close a connection
	// (connections.max.idle.ms), and longer than usual intervals, because opening a
	// connection must not be part of a latency.
	kafkaIdle = 9 * time.Minute
	// kafkaMetadataAge bounds the delay until new partitions and leaders are known.
	kafkaMetadataAge = time.Minute
	// maxDecompressed bounds the decompressed size of a batch.
	maxDecompressed = 64 << 20
)

// clientOptions returns the common options of the probe's clients.
func (c *Config) clientOptions(dial synthetic.DialFunc) ([]kgo.Opt, error) {
	opts := []kgo.Opt{
		kgo.SeedBrokers(c.Brokers...),
		kgo.ClientID("flink-sidecar"),
		kgo.DialTimeout(kafkaDialTimeout),
		kgo.RequestTimeoutOverhead(kafkaTimeout),
		kgo.RetryTimeout(kafkaRetryTimeout),
		kgo.ConnIdleTimeout(kafkaIdle),
		kgo.MetadataMaxAge(kafkaMetadataAge),
		kgo.MetadataMinAge(time.Second),
		kgo.MaxDecompressBatchBytes(maxDecompressed),
		kgo.DisableClientMetrics(),
	}
	switch {
	case c.TLS != nil:
		tlsConfig, err := promconfig.NewTLSConfig(c.TLS)
		if err != nil {
			return nil, fmt.Errorf("kafka: %w (correct kafka.tls)", err)
		}
		opts = append(opts, kgo.DialTLSConfig(tlsConfig))
	case dial != nil:
		opts = append(opts, kgo.Dialer(dial))
	}
	if c.SASL != nil {
		if _, err := c.SASL.secret(); err != nil {
			return nil, err
		}
		opts = append(opts, kgo.SASL(c.SASL.mechanism()))
	}
	return opts, nil
}

// mechanism returns the SASL mechanism; password and token are read for each connection.
func (c *SASLConfig) mechanism() sasl.Mechanism {
	if c.Mechanism == saslOAuthBearer {
		return oauth.Oauth(func(context.Context) (oauth.Auth, error) {
			token, err := c.secret()
			return oauth.Auth{Token: token, Zid: c.Username}, err
		})
	}
	if c.Mechanism == saslPlain {
		return plain.Plain(func(context.Context) (plain.Auth, error) {
			password, err := c.password()
			return plain.Auth{User: c.Username, Pass: password}, err
		})
	}
	auth := func(context.Context) (scram.Auth, error) {
		password, err := c.password()
		return scram.Auth{User: c.Username, Pass: password}, err
	}
	if c.Mechanism == saslScramSHA256 {
		return scram.Sha256(auth)
	}
	return scram.Sha512(auth)
}

// topicUse is one use of a topic by the probe. It explains errors to an operator.
type topicUse struct {
	topic string
	// setting is the configuration key that names the topic.
	setting string
	// verb and right describe the use: "write to" and WRITE, for example.
	verb, right string
	operation   kmsg.ACLOperation
	cfg         *Config
}

func (c *Config) writing(topic string) topicUse {
	return topicUse{topic, "probe.topic", "write to", "WRITE", kmsg.ACLOperationWrite, c}
}

func (c *Config) reading(sink, topic string) topicUse {
	return topicUse{topic, fmt.Sprintf("sinks[name=%s].kafka.topic", sink), "read", "READ", kmsg.ACLOperationRead, c}
}

// explain adds to an error about the topic what is wrong and what to do.
func (u topicUse) explain(err error) error {
	switch {
	case errors.Is(err, kerr.UnknownTopicOrPartition), errors.Is(err, kerr.UnknownTopicID):
		return synthetic.Explain(
			err, synthetic.ErrMissing, "kafka: topic %q does not exist (create it, or correct %s)", u.topic,
			u.setting,
		)
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return synthetic.Explain(
			err, synthetic.ErrNoRight, "kafka: not authorised to %s %q (grant %s and DESCRIBE on the topic to %s)",
			u.verb, u.topic, u.right, u.cfg.principal(),
		)
	}
	return u.cfg.explain(err)
}

// explain adds to an error about the brokers what is wrong and what to do.
func (c *Config) explain(err error) error {
	brokers := strings.Join(c.Brokers, ", ")
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return synthetic.Explain(err, nil, "kafka: the brokers refuse %s: %v (correct kafka.sasl)", c.principal(), err)
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return synthetic.Explain(err, nil, "kafka: %v (grant what it names to %s)", err, c.principal())
	case errors.Is(err, io.EOF):
		return synthetic.Explain(
			err, nil,
			"kafka: the brokers at %s close the connection: %v (if this goes on, correct kafka.tls and kafka.sasl)",
			brokers, err,
		)
	case isUnreachable(err):
		return synthetic.Explain(
			err, nil, "kafka: no broker answers at %s: %v (start the brokers, or correct kafka.brokers)", brokers,
			err,
		)
	}
	return synthetic.Explain(err, nil, "kafka: %v (it is tried again)", err)
}

// isUnreachable reports whether an error is about the connection to the brokers.
func isUnreachable(err error) bool {
	_, isNet := errors.AsType[net.Error](err)
	return isNet || errors.Is(err, net.ErrClosed) || kgo.IsRetryableBrokerErr(err) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, kgo.ErrRecordTimeout)
}

// principal names the user in errors.
func (c *Config) principal() string {
	switch {
	case c.SASL != nil && c.SASL.Mechanism == saslOAuthBearer && c.SASL.Username == "":
		return "the user of the token"
	case c.SASL != nil:
		return fmt.Sprintf("user %q", c.SASL.Username)
	case c.TLS != nil && (c.TLS.CertFile != "" || c.TLS.Cert != ""):
		return "the client certificate's principal"
	}
	return "User:ANONYMOUS"
}

// partitions returns the partitions of the topic, sorted. If the brokers report the
// rights of this client (Kafka 2.3 and later), a missing right is an error.
func (u topicUse) partitions(ctx context.Context, cl *kgo.Client) ([]int32, error) {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	req := kmsg.NewPtrMetadataRequest()
	req.IncludeTopicAuthorizedOperations = true
	asked := kmsg.NewMetadataRequestTopic()
	asked.Topic = new(u.topic)
	req.Topics = append(req.Topics, asked)
	resp, err := until(ctx, func() (*kmsg.MetadataResponse, error) { return req.RequestWith(ctx, cl) })
	if err != nil {
		return nil, u.explain(err)
	}
	if len(resp.Topics) != 1 {
		return nil, u.explain(kerr.UnknownTopicOrPartition)
	}
	answer := resp.Topics[0]
	if err := kerr.ErrorForCode(answer.ErrorCode); err != nil {
		return nil, u.explain(err)
	}
	may := kadm.DecodeACLOperations(answer.AuthorizedOperations)
	if len(may) > 0 && !slices.Contains(may, u.operation) {
		return nil, u.explain(kerr.TopicAuthorizationFailed)
	}
	partitions := make([]int32, 0, len(answer.Partitions))
	for _, p := range answer.Partitions {
		partitions = append(partitions, p.Partition)
	}
	slices.Sort(partitions)
	return partitions, nil
}
