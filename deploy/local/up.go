package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/lookup"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/standin"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// stackFlags are the flags of every command that starts a stack.
type stackFlags struct {
	options stack.Options
}

func addStackFlags(clause *kingpin.CmdClause) *stackFlags {
	f := &stackFlags{}
	o := &f.options
	clause.Flag("faults", "Inefficiencies to plant in the job besides the first four: "+faults()+
		"; several with commas.").StringsVar(&o.Spec.Planted)
	clause.Flag("fixed", "Planted inefficiencies of the job to repair, of the same list.").StringsVar(&o.Spec.Fixed)
	clause.Flag("parallelism", "Parallelism of the job.").Default("2").IntVar(&o.Spec.Parallelism)
	clause.Flag("archive", "Absolute path of a directory into which the job also writes its orders, by Flink's FileSink.").
		PlaceHolder("DIR").StringVar(&o.Spec.Archive)
	clause.Flag("flink-version", "Version of Flink: "+strings.Join(jars.FlinkVersions(), " or ")+".").
		Default(jars.FlinkVersions()[0]).EnumVar(&o.FlinkVersion, jars.FlinkVersions()...)
	clause.Flag("lookup-delay", "How long the customer lookup takes to answer.").
		Default(lookup.DefaultDelay.String()).DurationVar(&o.LookupDelay)
	clause.Flag("profiling", "Flink's rest.profiling.enabled and rest.flamegraph.enabled.").Default("true").
		BoolVar(&o.Profiling)
	clause.Flag("webhook-url", "Where Alertmanager sends alerts; nowhere by default.").StringVar(&o.WebhookURL)
	clause.Flag("source", "deploy/local of the checkout. Default: found from the working directory or the program's.").
		StringVar(&o.Source)
	clause.Flag("cache", "Directory of the jars. Default: $XDG_CACHE_HOME/flink-sidecar.").StringVar(&o.Cache)
	for _, fixed := range []struct {
		service string
		port    *int
	}{
		{"flink", &o.Ports.Flink},
		{"kafka", &o.Ports.Kafka},
		{"elasticsearch", &o.Ports.Elasticsearch},
		{"prometheus", &o.Ports.Prometheus},
		{"alertmanager", &o.Ports.Alertmanager},
		{standin.Name, &o.Ports.Grafana},
		{"lookup", &o.Ports.Lookup},
	} {
		clause.Flag(fixed.service+"-port", "A fixed port. Default: a free one.").PlaceHolder("PORT").IntVar(fixed.port)
	}
	return f
}

func upCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("up", "Start the stack and run it until Ctrl-C.")
	flags := addStackFlags(clause)
	clause.Flag("job", "Run the sample job.").BoolVar(&flags.options.Job)
	clause.Flag("load", "Orders per second in the background, once the job runs.").PlaceHolder("RATE").
		FloatVar(&flags.options.Load)
	return command{clause, func(ctx context.Context, c console) error {
		news := &news{out: c.err}
		s, err := flags.open(ctx, *dir, news)
		if err != nil {
			return err
		}
		if err := up(ctx, c, s, news); err != nil {
			return errors.Join(err, s.Close(c.hurry))
		}
		s.Wait(ctx)
		news.to(c.err)
		return s.Close(c.hurry)
	}}
}

// open completes the flags and opens the stack.
func (f *stackFlags) open(ctx context.Context, dir string, news *news) (*stack.Stack, error) {
	// A closed output pipe must not end the parent of the stack.
	signal.Ignore(syscall.SIGPIPE)
	options := f.options
	options.Dir, options.Report = dir, news.tell
	options.Spec.Planted = splitCommas(options.Spec.Planted)
	options.Spec.Fixed = splitCommas(options.Spec.Fixed)
	var err error
	if options.Source == "" {
		options.Source, err = findSource()
	}
	if err == nil && options.Cache == "" {
		options.Cache, err = jars.DefaultDir()
	}
	if err != nil {
		return nil, err
	}
	return stack.Open(ctx, options, prerequisites.This())
}

// findSource searches the checkout from the user's directory, then from the program's.
func findSource() (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	return jars.FindSource(here, filepath.Dir(program))
}

// up starts the stack and prints the addresses.
func up(ctx context.Context, c console, s *stack.Stack, news *news) error {
	began := time.Now()
	if err := s.Up(ctx); err != nil {
		if ctx.Err() != nil {
			return errors.New("interrupted while starting")
		}
		return err
	}
	news.to(c.out)
	return printReady(c.out, s.State(), s.Services(), time.Since(began))
}

// printReady prints the line that scripts wait for, and the addresses.
func printReady(out io.Writer, state stack.State, services []supervisor.Status, took time.Duration) error {
	seconds := make([]string, 0, len(services))
	for _, service := range services {
		if service.State == supervisor.Ready {
			seconds = append(seconds, fmt.Sprintf("%s %.1f s", service.Name, service.Took))
		}
	}
	fmt.Fprintf(out, "stack ready after %.1f s (%s)\n", took.Seconds(), strings.Join(seconds, ", "))
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, line := range [][2]string{
		{"Flink", state.FlinkURL},
		{"Kafka", strings.Join(state.KafkaBrokers, ",")},
		{"Elasticsearch", state.ElasticsearchURL},
		{"Prometheus", state.PrometheusURL},
		{"Alertmanager", state.AlertmanagerURL},
		{standin.Name, aside(state.GrafanaURL, standin.Is)},
		{"lookup", state.LookupURL},
		{"job", state.JobID},
		{"data", state.Dir},
	} {
		if line[1] != "" {
			fmt.Fprintf(table, "  %s\t%s\n", line[0], line[1])
		}
	}
	return table.Flush()
}

// aside puts a note after an address; nothing after none.
func aside(url, text string) string {
	if url == "" {
		return ""
	}
	return url + "  (" + text + ")"
}

// faults lists what can be planted and repaired, for the help of flags.
func faults() string { return strings.Join(stack.Faults(), ", ") }

func splitCommas(values []string) []string {
	return strings.FieldsFunc(strings.Join(values, ","), func(r rune) bool { return r == ',' })
}

// news prints events as they come, one line each.
type news struct {
	mu  sync.Mutex
	out io.Writer
}

// to changes the destination of the next events: the start is progress for stderr, later
// events are the command's result.
func (n *news) to(out io.Writer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.out = out
}

func (n *news) tell(service, event string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	fmt.Fprintf(n.out, "%s %s: %s\n", time.Now().Format(time.TimeOnly), service, event)
}
