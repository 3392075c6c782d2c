// Command local runs the whole stack around the sidecar on one machine, for
// demonstrations, end-to-end tests and experiments: a Flink session cluster with a
// sample job, Kafka, Elasticsearch, Prometheus and Alertmanager, all of them real, and a
// stand-in for Grafana, which is not.
//
//	local up --job --load=100     in the foreground; Ctrl-C stops everything
//	local status                  in another terminal, like these:
//	local kill taskmanager-1
//	local start taskmanager-1
//	local logs jobmanager -f
//	local down
//
// Results go to stdout, everything else to stderr. Exit codes: 0 fine, 1 the work
// failed, 2 usage.
//
// One file per subcommand; package stack below has the services and how they start.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
)

const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// console is the terminal of a command.
type console struct {
	out, err io.Writer
	// hurry is done when the user has interrupted a second time.
	hurry context.Context
}

// command is a subcommand with its flags parsed into closures.
type command struct {
	clause *kingpin.CmdClause
	run    func(context.Context, console) error
}

func main() {
	ctx, hurry := interruptions()
	os.Exit(run(ctx, os.Args[1:], console{out: os.Stdout, err: os.Stderr, hurry: hurry}))
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, c console) int {
	app := kingpin.New("local", "The real stack on one machine: Flink with a sample job, Kafka, Elasticsearch, "+
		"Prometheus, Alertmanager.")
	terminated := -1 // kingpin's exit code; without this --help would continue
	app.Terminate(func(code int) { terminated = code })
	app.UsageWriter(c.out)
	app.ErrorWriter(c.err)
	app.HelpFlag.Short('h')
	dir := app.Flag("dir", "Data directory of the stack.").Default(".local").String()
	commands := []command{
		upCommand(app, dir),
		downCommand(app, dir),
		statusCommand(app, dir),
		logsCommand(app, dir),
		killCommand(app, dir),
		startCommand(app, dir),
		submitCommand(app, dir),
		loadCommand(app, dir),
		lookupCommand(app, dir),
		recordCommand(app, dir),
		demoCommand(app, dir),
	}
	if len(args) == 0 {
		app.UsageWriter(c.err)
		app.Usage(nil)
		return exitUsage
	}
	chosen, err := app.Parse(args)
	if terminated >= 0 {
		return terminated
	}
	if err != nil {
		fmt.Fprintf(c.err, "local: error: %v, try --help\n", err)
		return exitUsage
	}
	for _, command := range commands {
		if command.clause.FullCommand() != chosen {
			continue
		}
		if err := command.run(ctx, c); err != nil {
			fmt.Fprintf(c.err, "local: error: %v\n", err)
			return exitFailed
		}
	}
	return exitOK
}

// interruptions returns a context that is done at the first Ctrl-C (or SIGTERM, or when
// the terminal goes away) and one that is done at the second.
func interruptions() (first, second context.Context) {
	first, once := context.WithCancel(context.Background())
	second, twice := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-signals
		once()
		<-signals
		twice()
	}()
	return first, second
}
