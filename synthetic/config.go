package synthetic

import (
	"slices"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// The modes for the key of a record.
const (
	// KeyFixed takes keys from a pool of one per source partition, so that the
	// job's keyed state does not grow with the probe.
	KeyFixed = "fixed"
	// KeySeeded uses the seed of each record as its key. It is for jobs whose keyed
	// state expires.
	KeySeeded = "seeded"
	// KeySubtask takes keys from a pool of one per subtask of the job's first keyed vertex,
	// so that each subtask gets a record in each round.
	KeySubtask = "subtask"
)

// The ways to find out when the job has read a record.
const (
	// IngestedStamp takes the time that the job writes into the documents, as the hop ingested.
	IngestedStamp = "stamp"
	// IngestedOffsets takes an upper bound from the offsets of the job's source, besides the
	// stamp if there is one.
	IngestedOffsets = "offsets"
	// IngestedAuto takes the stamp, or the offsets if no sink has a stamp.
	IngestedAuto = "auto"
)

// Config is the section probe: the records, their rate, and the limits of on time and
// lost.
type Config struct {
	// Cluster is the name of the job's cluster; it may be empty if there is only one.
	Cluster string `yaml:"cluster"`
	// Job is the name of the job whose source topic is probed; it labels
	// measurements.
	Job string `yaml:"job"`
	// Topic is the job's own source topic. It is never created or changed.
	Topic string `yaml:"topic"`
	// Interval is the time between the starts of two rounds.
	Interval model.Duration `yaml:"interval"`
	// KeyMode is KeyFixed, KeySeeded or KeySubtask.
	KeyMode string `yaml:"key_mode"`
	// KeyPrefix is the prefix of the keys of the fixed pool: PREFIX-PARTITION.
	KeyPrefix string `yaml:"key_prefix"`
	// Ingested is IngestedAuto, IngestedStamp or IngestedOffsets.
	Ingested string `yaml:"ingested"`
	// Template renders the value. It is a text/template of JSON with the fields of
	// [payload.Fields].
	Template string `yaml:"template"`
	// TemplateFile is the path of a file with the template, relative to the
	// configuration file.
	TemplateFile string `yaml:"template_file"`
	// Samples are recorded records in place of the template; nil if there are none.
	Samples *payload.Samples `yaml:"samples"`
	// OnTimeWithin is the service level: a record that is seen within it is on_time.
	OnTimeWithin model.Duration `yaml:"on_time_within"`
	// Cutoff is the time after which an unseen record is lost.
	Cutoff model.Duration `yaml:"cutoff"`
	// MaxRate is the maximum number of records per second of the whole probe.
	MaxRate float64 `yaml:"max_rate"`
	// MaxSharePercent is the largest share of the probe in the records that the job reads, in
	// percent, averaged over minutes; 0 is no limit. Rounds become less frequent, down to one
	// an hour. While the job's input is unknown there is no limit.
	MaxSharePercent float64 `yaml:"max_share_percent"`
	// PollInterval is the time between two searches of Elasticsearch while a record is
	// under way. The error of the hop visible is half of it.
	PollInterval model.Duration `yaml:"poll_interval"`
	// ReadBudget bounds the bytes per second that all Kafka sinks together read,
	// averaged over an interval.
	ReadBudget units.Base2Bytes `yaml:"read_budget"`
}

// The bounds of the probe's settings. The lower ones keep the probe's load out of the
// measurement, the upper ones detect mistakes.
const (
	minInterval     = model.Duration(time.Second)
	maxInterval     = model.Duration(time.Hour)
	minPollInterval = model.Duration(50 * time.Millisecond)
	maxPollInterval = model.Duration(10 * time.Second)
	maxCutoff       = model.Duration(24 * time.Hour)
	maxMaxRate      = 10_000
	maxMaxShare     = 50
	minReadBudget   = 64 * units.KiB
)

// DefaultConfig returns the section's defaults; job, topic and template have none.
func DefaultConfig() Config {
	return Config{
		Interval:     model.Duration(10 * time.Second),
		KeyMode:      KeyFixed,
		KeyPrefix:    "flink-sidecar",
		Ingested:     IngestedAuto,
		OnTimeWithin: model.Duration(time.Minute),
		Cutoff:       model.Duration(3 * time.Minute),
		MaxRate:      1,
		PollInterval: model.Duration(250 * time.Millisecond),
		ReadBudget:   units.MiB,
	}
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	*c = DefaultConfig()
	type plain Config
	return unmarshal((*plain)(c))
}

var (
	// The characters that Kafka allows in topic names.
	topicName = lazyregexp.New(`^[a-zA-Z0-9._-]{1,249}$`)
	keyPrefix = lazyregexp.New(`^[a-zA-Z0-9._-]{1,100}$`)
)

// Validate returns what is wrong with the section. It reads the template file and
// renders the template once, and does not use the network.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	if c.Job == "" {
		faults.Add("job", "set it to the job's name as Flink shows it", "no job is named")
	}
	ValidateTopic(&faults, "topic", c.Topic)
	if c.KeyMode != KeyFixed && c.KeyMode != KeySeeded && c.KeyMode != KeySubtask {
		faults.Add("key_mode", "use fixed, seeded or subtask", "%q is not a key mode", c.KeyMode)
	}
	if !keyPrefix().MatchString(c.KeyPrefix) {
		faults.Add(
			"key_prefix", "use letters, digits, dots, dashes and underscores", "%q is not a plain prefix",
			c.KeyPrefix,
		)
	}
	if c.Ingested != IngestedAuto && c.Ingested != IngestedStamp && c.Ingested != IngestedOffsets {
		faults.Add("ingested", "use auto, stamp or offsets", "%q is not a way to learn when the job has read a record",
			c.Ingested)
	}
	c.validateTimes(&faults)
	if !(c.MaxRate > 0 && c.MaxRate <= maxMaxRate) {
		faults.Add(
			"max_rate", "choose a rate in between", "%g records per second is not above 0 and at most %d", c.MaxRate,
			maxMaxRate,
		)
	}
	if !(c.MaxSharePercent >= 0 && c.MaxSharePercent <= maxMaxShare) {
		faults.Add(
			"max_share_percent", "choose a share in between, or 0 for no limit", "%g percent is not between 0 and %d",
			c.MaxSharePercent, maxMaxShare,
		)
	}
	if c.ReadBudget < minReadBudget {
		faults.Add("read_budget", "raise it", "%s per second is below %s", c.ReadBudget, minReadBudget)
	}
	c.validateTemplate(&faults)
	return faults
}

// boundsIngestion reports whether the offsets of the job's source are followed, for these hops.
func (c *Config) boundsIngestion(hops []string) bool {
	return c.Ingested == IngestedOffsets ||
		c.Ingested != IngestedStamp && !slices.Contains(hops, episode.HopIngested)
}

func (c *Config) validateTimes(faults *setting.Faults) {
	inRange := func(path string, got, low, high model.Duration) {
		switch {
		case got < low:
			faults.Add(path, "raise it", "%s is below %s", got, low)
		case got > high:
			faults.Add(path, "lower it", "%s is above %s", got, high)
		}
	}
	inRange("interval", c.Interval, minInterval, maxInterval)
	inRange("poll_interval", c.PollInterval, minPollInterval, maxPollInterval)
	inRange("on_time_within", c.OnTimeWithin, model.Duration(time.Second), maxCutoff)
	inRange("cutoff", c.Cutoff, model.Duration(time.Second), maxCutoff)
	if c.Cutoff < c.OnTimeWithin {
		faults.Add(
			"cutoff", "raise it to on_time_within or above",
			"%s is below on_time_within, %s: no record could be late", c.Cutoff, c.OnTimeWithin,
		)
	}
}

func (c *Config) validateTemplate(faults *setting.Faults) {
	path := "template"
	switch {
	case c.Samples != nil && c.Template+c.TemplateFile != "":
		faults.Add("samples", "keep one of the two", "there is a template as well")
		return
	case c.Samples != nil:
		*faults = append(*faults, c.Samples.Validate().Under("samples")...)
		return
	case c.Template != "" && c.TemplateFile != "":
		faults.Add("template_file", "keep one of the two", "template is set as well")
		return
	case c.Template == "" && c.TemplateFile == "":
		faults.Add(
			path, `write a record that the job accepts, with "{{.Seed}}" in it, or add samples`,
			"there is no template for the record",
		)
		return
	case c.TemplateFile != "":
		path = "template_file"
	}
	text, err := c.templateText()
	if err != nil {
		faults.Add(path, "correct the path, or put the text under template", "%v", err)
		return
	}
	if _, err := payload.NewTemplate(text); err != nil {
		faults.Add(path, "correct the template; its fields are .Seed .Key .Sequence .SentAt .Partition", "%v", err)
	}
}

// Payload returns what renders the records: the samples, or the template of the section or of
// its file.
func (c *Config) Payload() (*payload.Template, error) {
	if c.Samples != nil {
		return c.Samples.Template()
	}
	text, err := c.templateText()
	if err != nil {
		return nil, err
	}
	return payload.NewTemplate(text)
}

func (c *Config) templateText() (string, error) {
	if c.TemplateFile != "" {
		return payload.ReadTemplate(c.TemplateFile)
	}
	return c.Template, nil
}

// ValidateTopic adds a fault if topic is not the name of a Kafka topic.
func ValidateTopic(faults *setting.Faults, path, topic string) {
	switch {
	case topic == "":
		faults.Add(path, "name a topic that exists", "no topic is named")
	case !topicName().MatchString(topic) || topic == "." || topic == "..":
		faults.Add(
			path, "use letters, digits, dots, dashes and underscores, at most 249",
			"%q can't be the name of a Kafka topic", topic,
		)
	}
}
