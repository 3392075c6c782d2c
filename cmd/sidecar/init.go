package main

import (
	"cmp"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/template"

	"github.com/alecthomas/kingpin/v2"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

//go:embed init.tmpl
var initTemplate string

func initCommand(clause *kingpin.CmdClause) action {
	url := clause.Flag("flink.url", "Address of the JobManager's REST API.").Required().String()
	output := clause.Flag("output", "The file to write; '-' is standard output. An existing file is never "+
		"overwritten.").Default(config.DefaultFile).String()
	return func(ctx context.Context, c console) error {
		cfg := flink.DefaultConfig()
		cfg.URL = *url
		if faults := cfg.Validate(); len(faults) > 0 {
			return usageError{errors.New("--flink." + faults[0].Error())}
		}
		found, err := discover(ctx, cfg)
		if err != nil {
			return err
		}
		return writeInit(c, *output, found)
	}
}

// discovered is the content of the new configuration.
type discovered struct {
	URL, Cluster string
	Jobs         []collector.Discovered
	Probed       *collector.Discovered // the first job that reads from Kafka
	Topic        collector.Topic       // what it reads
}

func discover(ctx context.Context, cfg flink.Config) (discovered, error) {
	client, err := flink.New(cfg)
	if err != nil {
		return discovered{}, err
	}
	defer client.CloseIdleConnections()
	if _, err := client.Overview(ctx); err != nil {
		return discovered{}, err
	}
	d := discovered{URL: cfg.URL, Cluster: cfg.ClusterName()}
	if d.Jobs, err = collector.Discover(ctx, client); err != nil {
		return d, err
	}
	for i, job := range d.Jobs {
		if len(job.Topics) > 0 {
			d.Probed, d.Topic = &d.Jobs[i], job.Topics[0]
			break
		}
	}
	return d, nil
}

func writeInit(c console, output string, d discovered) error {
	tmpl, err := template.New("sidecar.yml").Funcs(template.FuncMap{
		"quote":   quoteYAML,
		"oneLine": orDash,
	}).Parse(initTemplate)
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	if output == "-" {
		return tmpl.Execute(c.stdout, d)
	}
	file, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists, and init never overwrites a file "+
			"(use --output=OTHER, or '-' for standard output)", output)
	}
	if err != nil {
		return err
	}
	err = tmpl.Execute(io.Writer(file), d)
	if err := cmp.Or(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", output, err)
	}
	fmt.Fprintf(c.stderr, "sidecar: wrote %s (review it, set the payload of the probe, then: sidecar "+
		"check config %s)\n", output, output)
	return nil
}

// quoteYAML writes a name from the cluster as a YAML string: it may hold
// anything.
func quoteYAML(s string) (string, error) {
	node := yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: s, Tag: "!!str"}
	out, err := yaml.Marshal(&node)
	return strings.TrimSpace(string(out)), err
}
