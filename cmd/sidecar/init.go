package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/firstconfig"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

func initCommand(clause *kingpin.CmdClause) action {
	url := clause.Flag("flink.url", "Address of the JobManager's REST API.").Required().String()
	output := clause.Flag("output", "The file to write; '-' is standard output. An existing file is never "+
		"overwritten.").Default(config.DefaultFile).String()
	sample := clause.Flag("sample", "Read a few records of the job's source topic, and make the payload of the "+
		"probe from one. What looks secret or personal is replaced.").Bool()
	brokers := clause.Flag("kafka.brokers", "HOST:PORT of the Kafka brokers, with commas between, if the job's "+
		"settings do not tell.").String()
	secured := clause.Flag("kafka.config", "A configuration file whose section kafka tells how to reach the brokers, "+
		"with tls and sasl. The section goes into the new file.").String()
	return func(ctx context.Context, c console) error {
		cfg := flink.DefaultConfig()
		cfg.URL = *url
		if faults := cfg.Validate(); len(faults) > 0 {
			return usageError{errors.New("--flink." + faults[0].Error())}
		}
		options := firstconfig.Options{Sample: *sample}
		var err error
		if options.Kafka, err = kafkaFor(*brokers, *secured); err != nil {
			return err
		}
		found, err := firstconfig.Discover(ctx, cfg, options)
		if err != nil {
			return err
		}
		return writeInit(c, *output, found)
	}
}

// kafkaFor is how the command line says to reach the brokers.
func kafkaFor(brokers, file string) (kafka.Config, error) {
	var cfg kafka.Config
	if file != "" {
		loaded, err := config.Load(file, config.Overrides{NoFlink: true})
		switch {
		case err != nil:
			return cfg, err
		case loaded.Kafka == nil:
			return cfg, fmt.Errorf("%s has no section kafka (add it, or use --kafka.brokers)", file)
		}
		cfg = *loaded.Kafka
	}
	if brokers == "" {
		return cfg, nil
	}
	cfg.Brokers = strings.Split(brokers, ",")
	if faults := cfg.Validate(); len(faults) > 0 {
		return cfg, usageError{errors.New("--kafka." + faults[0].Error())}
	}
	return cfg, nil
}

func writeInit(c console, output string, first firstconfig.First) error {
	if output == "-" {
		return first.Write(c.stdout)
	}
	err := first.Create(output)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists, and init never overwrites a file "+
			"(use --output=OTHER, or '-' for standard output)", output)
	}
	if err == nil {
		c.say(fmt.Sprintf("wrote %s (%s, then: sidecar check config %s)", output, first.NextStep(), output))
	}
	return err
}
