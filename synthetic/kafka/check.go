package kafka

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// CheckedTopic is a topic that the configuration names.
type CheckedTopic struct {
	// Key is the configuration key with the name.
	Key  string
	Name string
	// Sink is the name of the sink; empty is the source of the job.
	Sink string
}

// Check looks at the brokers and at each topic that the probe uses. It reads and writes no
// record. cutoff is the time after which a record of the probe is lost. A nil dial means the
// network.
func (c *Config) Check(
	ctx context.Context, topics []CheckedTopic, cutoff time.Duration, dial synthetic.DialFunc,
) []check.Result {
	found := &check.Results{Area: Target}
	opts, err := c.clientOptions(dial)
	if err != nil {
		found.Add("connection", check.Failed, nil, "%v", err)
		return found.All
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		found.Add("connection", check.Failed, nil, "%v", c.explain(err))
		return found.All
	}
	defer client.Close()
	checker := checker{cfg: c, client: client, admin: kadm.NewClient(client), cutoff: cutoff}
	if checker.brokers(ctx, found) {
		for _, topic := range topics {
			of := found.For(topic.Name)
			checker.topic(ctx, topic, of)
			found.All = append(found.All, of.All...)
		}
	}
	return found.All
}

// checker makes the checks of one cluster.
type checker struct {
	cfg    *Config
	client *kgo.Client
	admin  *kadm.Client
	cutoff time.Duration
}

// brokers reports whether any broker answers.
func (c *checker) brokers(ctx context.Context, found *check.Results) bool {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	meta, err := until(ctx, func() (kadm.Metadata, error) { return c.admin.BrokerMetadata(ctx) })
	switch {
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		found.Add("connection", check.Failed, c.passwordFix(), "%v", c.cfg.explain(err))
	case err != nil:
		found.Add("connection", check.Failed, nil, "%v", c.cfg.explain(err))
	default:
		found.Add("connection", check.OK, nil, "%s, brokers in the cluster: %d", strings.Join(c.cfg.Brokers, ", "), len(meta.Brokers))
	}
	return err == nil
}

// passwordFix gives the user the password of the file, without showing it.
func (c *checker) passwordFix() *check.Fix {
	s := c.cfg.SASL
	if s == nil || s.Mechanism != saslScramSHA256 && s.Mechanism != saslScramSHA512 {
		return nil // the brokers' own configuration has these users
	}
	return check.Shell(
		`kafka-configs.sh --bootstrap-server %s --alter --entity-type users --entity-name %s --add-config "%s=[password=$(cat %s)]"`,
		c.servers(), check.Quoted(s.Username), s.Mechanism, check.Quoted(s.PasswordFile),
	)
}

// servers are the brokers as an argument of Kafka's own tools.
func (c *checker) servers() string { return check.Quoted(strings.Join(c.cfg.Brokers, ",")) }

// topic checks that a topic exists, may be used, and keeps its records long enough.
func (c *checker) topic(ctx context.Context, topic CheckedTopic, found *check.Results) {
	use := c.cfg.writing(topic.Name)
	if topic.Sink != "" {
		use = c.cfg.reading(topic.Sink, topic.Name)
	}
	partitions, err := use.partitions(ctx, c.client)
	switch {
	case errors.Is(err, synthetic.ErrMissing):
		found.Add("topic", check.Failed, c.missing(ctx, topic), "topic %q does not exist", topic.Name)
	case errors.Is(err, synthetic.ErrNoRight):
		c.noRight(ctx, use, topic, found)
	case err != nil:
		found.Add("topic", check.Failed, nil, "%v", err)
	default:
		found.Add("topic", check.OK, nil, "%d partitions, and the right to %s it", len(partitions), use.verb)
		c.retention(ctx, topic, found)
	}
}

// noRight tells a right that is missing from a wrong name: to a client without the right to
// describe a topic, the brokers say the same of both.
func (c *checker) noRight(ctx context.Context, use topicUse, topic CheckedTopic, found *check.Results) {
	nearest, similar := check.Nearest(topic.Name, c.visible(ctx))
	if similar && nearest != topic.Name && check.Distance(nearest, topic.Name) <= 2 {
		found.Add("topic", check.Failed, check.Setting(topic.Key, nearest),
			"%s sees no topic %q, but one %q", c.cfg.principal(), topic.Name, nearest)
		return
	}
	found.Add("rights", check.Failed, c.grant(use), "%s may not %s %q", c.cfg.principal(), use.verb, topic.Name)
}

// visible are the topics that the client may describe; none if the brokers do not tell.
func (c *checker) visible(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	listed, err := until(ctx, func() (kadm.TopicDetails, error) { return c.admin.ListTopics(ctx) })
	if err != nil {
		return nil
	}
	return listed.Names()
}

// missing names the topic that was meant, or creates it.
func (c *checker) missing(ctx context.Context, topic CheckedTopic) *check.Fix {
	if nearest, found := check.Nearest(topic.Name, c.visible(ctx)); found {
		return check.Setting(topic.Key, nearest)
	}
	return check.Shell("kafka-topics.sh --bootstrap-server %s --create --topic %s", c.servers(), topic.Name)
}

// grant adds the right that is missing. A principal whose name is not known gets none.
func (c *checker) grant(use topicUse) *check.Fix {
	principal := "User:ANONYMOUS"
	switch {
	case c.cfg.SASL != nil && c.cfg.SASL.Username != "":
		principal = "User:" + c.cfg.SASL.Username
	case c.cfg.principal() != principal:
		return nil
	}
	operation := use.right[:1] + strings.ToLower(use.right[1:])
	return check.Shell(
		"kafka-acls.sh --bootstrap-server %s --add --allow-principal %s --operation %s --operation Describe --topic %s",
		c.servers(), check.Quoted(principal), operation, use.topic,
	)
}

// retention compares how long the topic keeps records with how long the probe waits for them.
func (c *checker) retention(ctx context.Context, topic CheckedTopic, found *check.Results) {
	ctx, cancel := context.WithTimeout(ctx, kafkaTimeout)
	defer cancel()
	kept, err := retentionOf(ctx, c.admin, topic.Name)
	switch {
	case err != nil:
		found.Add("retention", check.Unknown, nil, "the brokers do not tell it: %v (grant DESCRIBE_CONFIGS to check it)", err)
	case kept >= 0 && kept < c.cutoff:
		found.Add("retention", check.Warning, check.Shell(
			"kafka-configs.sh --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config retention.ms=%d",
			c.servers(), topic.Name, (24*time.Hour).Milliseconds(),
		), "records are removed after %s, before probe.cutoff (%s): they count as lost", kept, c.cutoff)
	default:
		found.Add("retention", check.OK, nil, "longer than probe.cutoff (%s)", c.cutoff)
	}
}
