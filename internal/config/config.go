package config

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"syscall"
	"time"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/server"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// DefaultFile is read if it exists and no other file is named.
const DefaultFile = "sidecar.yml"

// maxConfigBytes bounds a configuration file; the reference file has 8 KiB.
const maxConfigBytes = 1 << 20

// Config is the whole configuration. Each stage owns its section; this type only
// combines them. Sections that enable a stage are pointers: nil means that the stage is
// off.
type Config struct {
	Flink         flink.ClustersConfig  `yaml:"flink"`
	Collector     collector.Config      `yaml:"collector"`
	Kafka         *kafka.Config         `yaml:"kafka"`
	Elasticsearch *elasticsearch.Config `yaml:"elasticsearch"`
	Sinks         []sinks.Config        `yaml:"sinks"`
	Probe         *synthetic.Config     `yaml:"probe"`
	ScaleTest     *scaletest.Config     `yaml:"scaletest"`
	Alerts        alerts.Config         `yaml:"alerts"`
	Profiling     profiling.Config      `yaml:"profiling"`
	Advisor       advisor.Config        `yaml:"advisor"`
	Grafana       *grafana.Config       `yaml:"grafana"`
	History       history.Config        `yaml:"history"`
	Web           server.Config         `yaml:"web"`
	Evaluate      outcome.Config        `yaml:"evaluate"`
	Notify        *notify.Config        `yaml:"notify"`

	// Deprecated warns of keys under an old name, a line each: FILE:LINE: what to write.
	Deprecated []string `yaml:"-"`
}

func defaults() Config {
	return Config{
		Flink:     flink.DefaultClusters(),
		Collector: collector.DefaultConfig(),
		Alerts:    alerts.DefaultConfig(),
		Profiling: profiling.DefaultConfig(),
		Advisor:   advisor.DefaultConfig(),
		History:   history.DefaultConfig(),
		Evaluate:  outcome.DefaultConfig(),
		Web: server.Config{
			ListenAddress: server.DefaultListenAddress,
			Client:        commoncfg.DefaultHTTPClientConfig,
		},
	}
}

// Overrides are the flags that override the file.
type Overrides struct {
	FlinkURL    string
	HistoryPath string
	// NoFlink is set if the command does not use Flink, so the file may name none.
	NoFlink bool
}

// noFlink stands for the cluster of a configuration that names none.
const noFlink = "http://none.invalid"

// Clusters are the names of the clusters that the configuration names; none for a command that uses
// no Flink.
func (c *Config) Clusters() []string {
	if c.Flink.Own.URL == noFlink {
		return nil
	}
	return c.Flink.Names()
}

// LoadAdvisor is the section advisor alone, with a provider if one is named: files are judged
// without a Flink.
func LoadAdvisor(file string, over Overrides, provider string) (advisor.Config, error) {
	over.NoFlink = true
	cfg, err := Load(file, over)
	cfg.Advisor.Provider = cmp.Or(provider, cfg.Advisor.Provider)
	if err == nil {
		if faults := cfg.Advisor.Validate(); len(faults) > 0 {
			err = fmt.Errorf("advisor.%w", faults[0])
		}
	}
	return cfg.Advisor, err
}

// Load reads the named file, or sidecar.yml if it exists, or no file. It applies the
// overrides and validates the result. The faults of the file are returned as one error
// with a line per fault.
func Load(named string, over Overrides) (Config, error) {
	cfg := defaults()
	doc, err := readConfig(named)
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.fill(doc, over, false)
}

// fill sets what a file and the flags say, and returns the faults; with files, those of the files
// that the configuration names too.
func (c *Config) fill(doc document, over Overrides, files bool) error {
	faults := append(doc.decode(c), doc.placeholders()...)
	if over.FlinkURL != "" {
		c.Flink.Only(over.FlinkURL)
	}
	if over.NoFlink && len(c.Flink.All()) == 0 {
		c.Flink.Only(noFlink)
	}
	c.resolvePaths(doc)
	c.History.Path = cmp.Or(over.HistoryPath, c.History.Path)
	meant := c.validate()
	if files {
		meant = append(meant, server.CheckFile(c.Web.ConfigFile).Under("web")...)
	}
	return doc.overridden(over, doc.all(faults, meant)).asError()
}

// Check is [Load] for a file that is not used yet; a dash is in. It also reads the files that the
// configuration names and that are on this machine, and returns their faults with the rest.
func Check(named string, in io.Reader) (Config, error) {
	cfg := defaults()
	doc, err := readFrom(named, in)
	if err != nil {
		return cfg, err
	}
	return cfg, cfg.fill(doc, Overrides{}, true)
}

// readFrom is readConfig, with a dash as in.
func readFrom(named string, in io.Reader) (document, error) {
	if named != "-" {
		return readConfig(named)
	}
	raw, err := io.ReadAll(io.LimitReader(in, maxConfigBytes+1))
	if err != nil {
		return document{}, fmt.Errorf("reading the configuration from standard input: %w (send it again)", err)
	}
	return sized(named, raw)
}

// sized is a document, unless it is too large.
func sized(name string, raw []byte) (document, error) {
	doc := document{name: name, raw: raw}
	if len(raw) > maxConfigBytes {
		return doc, doc.whole("has more than the %d bytes a configuration may have (shorten it)", maxConfigBytes)
	}
	return doc, nil
}

func readConfig(named string) (document, error) {
	path := cmp.Or(named, DefaultFile)
	raw, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && named == "":
		return document{name: commandLine}, nil
	}
	doc := document{name: path}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return doc, doc.whole("the file does not exist (sidecar init writes one)")
	case errors.Is(err, syscall.EISDIR):
		return doc, doc.whole("this is a directory (name a file)")
	case err != nil:
		return doc, doc.whole("the file cannot be read: %v (make it readable)", reasonOf(err))
	}
	return sized(path, raw)
}

// reasonOf is an error of a file without the file's name.
func reasonOf(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		return at.Err
	}
	return err
}

// validate calls the validation of each section and then checks the relations between
// sections.
func (c *Config) validate() setting.Faults {
	var faults setting.Faults
	if len(c.Flink.All()) == 0 {
		faults.Add("flink.url", "set it, or pass --flink.url=http://jobmanager:8081", "no Flink cluster is configured")
	} else {
		faults = append(faults, c.Flink.Validate().Under("flink")...)
	}
	faults = append(faults, c.Collector.Validate().Under("collector")...)
	faults = append(faults, c.History.Validate().Under("history")...)
	faults = append(faults, c.validateProbe()...)
	faults = append(faults, c.validateScaleTest()...)
	faults = append(faults, c.validateLoop()...)
	faults = append(faults, c.Web.Validate().Under("web")...)
	faults = append(faults, c.CheckWebhook()...)
	if c.Notify != nil {
		faults = append(faults, c.Notify.Validate().Under("notify")...)
	}
	return append(faults, c.Evaluate.Validate().Under("evaluate")...)
}

func (c *Config) validateProbe() setting.Faults {
	var faults setting.Faults
	if c.Kafka != nil {
		faults = append(faults, c.Kafka.Validate().Under("kafka")...)
	}
	if c.Elasticsearch != nil {
		faults = append(faults, c.Elasticsearch.Validate().Under("elasticsearch")...)
	}
	faults = append(faults, sinks.Validate(c.Sinks)...)
	if slices.ContainsFunc(c.Sinks, func(s sinks.Config) bool { return s.Elasticsearch != nil }) &&
		c.Elasticsearch == nil {
		faults.Add("sinks", "add elasticsearch.urls",
			"a sink is in Elasticsearch, but the section elasticsearch is missing")
	}
	if c.Probe == nil {
		return faults
	}
	faults = append(faults, c.Probe.Validate().Under("probe")...)
	c.validateProbeCluster(&faults)
	if c.Kafka == nil {
		faults.Add("probe", "add kafka.brokers", "the probe writes to Kafka, but the section kafka is missing")
	}
	if len(c.Sinks) == 0 {
		faults.Add("probe", "list under sinks where the job writes",
			"without a sink every record would stay pending")
	}
	return faults
}

// validateScaleTest checks the section scaletest. The job and the topic of a scale test are
// those of the probe.
func (c *Config) validateScaleTest() setting.Faults {
	if c.ScaleTest == nil {
		return nil
	}
	faults := c.ScaleTest.Validate().Under("scaletest")
	if c.Probe == nil {
		faults.Add("scaletest", "add the section probe: its job, topic and template are used",
			"the section probe is missing")
	}
	names := c.Flink.Names()
	for i, name := range c.ScaleTest.Production {
		if !slices.Contains(names, name) {
			faults.Add(fmt.Sprintf("scaletest.production[%d]", i), "name one of: "+strings.Join(names, ", "),
				"there is no cluster %q", name)
		}
	}
	return faults
}

// validateProbeCluster checks the cluster of the probe's job, because the name of a job
// is unique only within a cluster.
func (c *Config) validateProbeCluster(faults *setting.Faults) {
	names := c.Flink.Names()
	switch known := strings.Join(names, ", "); {
	case c.Probe.Cluster != "" && !slices.Contains(names, c.Probe.Cluster):
		faults.Add("probe.cluster", "name one of: "+known, "there is no cluster %q", c.Probe.Cluster)
	case c.Probe.Cluster == "" && len(names) > 1:
		faults.Add("probe.cluster", "name one of: "+known, "is missing, and there are %d clusters", len(names))
	}
}

// ProbedJob returns the job of the probe, zero without a probe.
func (c *Config) ProbedJob() episode.JobRef {
	if c.Probe == nil {
		return episode.JobRef{}
	}
	return episode.JobRef{Cluster: cmp.Or(c.Probe.Cluster, c.Flink.Names()[0]), Job: c.Probe.Job}
}

// validateLoop checks the sections of the loop from a trend to its annotation.
func (c *Config) validateLoop() setting.Faults {
	faults := c.Alerts.Validate().Under("alerts")
	if c.Probe == nil && len(c.Clusters()) > 0 {
		faults = append(faults, c.Alerts.WithoutProbe().Under("alerts")...)
	}
	faults = append(faults, c.Profiling.Validate().Under("profiling")...)
	faults = append(faults, c.Advisor.Validate().Under("advisor")...)
	if c.Grafana != nil {
		faults = append(faults, c.Grafana.Validate().Under("grafana")...)
	}
	if len(faults) > 0 || c.Collector.PollInterval <= 0 {
		return faults
	}
	return append(faults, c.Alerts.TooManySamples(time.Duration(c.Collector.PollInterval)).Under("alerts")...)
}

// CheckWebhook refuses a webhook token together with passwords for the whole server,
// because a request has one Authorization header only. A check of the configuration may
// run on a machine without the web configuration file; then the start finds the fault.
func (c *Config) CheckWebhook() setting.Faults {
	var faults setting.Faults
	if c.Alerts.Webhook.TokenFile != "" && server.HasPasswords(c.Web.ConfigFile) {
		faults.Add("alerts.webhook.token_file",
			"remove it and give Alertmanager a user in http_config.basic_auth, or use client certificates instead "+
				"of basic_auth_users",
			"no request can have this token and a password of web.config_file, which has basic_auth_users")
	}
	return faults
}
