// Command sidecar runs beside an Apache Flink JobManager: it exports what Flink
// says as Prometheus metrics, sends a few synthetic records through the real
// job to measure end-to-end latency per hop, and keeps the history of both.
//
// main.go parses the command line and finds the subcommand; each subcommand has a file of
// its own: flags, one call, and the output. The long-running sidecar is internal/app.
//
// # Rules of the command line
//
// Results go to standard output, everything else to standard error. Exit codes
// are a contract: 0 fine, 1 the work failed or a check found faults, 2 wrong
// usage, 3 a large regression. An error is one line that begins with
// "sidecar: " and ends in what to do; no capital at its beginning and no full
// stop at its end.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/promslog"
	promslogflag "github.com/prometheus/common/promslog/flag"
	"github.com/prometheus/common/version"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/commandline"
)

// The exit codes, see design of the command line.
const (
	exitFine       = 0
	exitFailed     = 1
	exitUsage      = 2
	exitRegression = 3
)

func main() {
	// A log or an output that nothing reads any more ends no work: writing to it fails.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// endAtHangup makes a closed terminal end a command as Ctrl-C does, so that it closes what
// it opened. Under nohup the hangup stays ignored.
func endAtHangup(ctx context.Context) (context.Context, func()) {
	if signal.Ignored(syscall.SIGHUP) {
		return ctx, func() {}
	}
	return signal.NotifyContext(ctx, syscall.SIGHUP)
}

// console is the terminal of a subcommand.
type console struct {
	stdout, stderr io.Writer
	log            *slog.Logger
}

// say writes a line to standard error.
func (c console) say(text string) { fmt.Fprintln(c.stderr, "sidecar: "+text) }

// action is the body of a subcommand. The error it returns is printed by run
// and turned into the exit code.
type action func(ctx context.Context, c console) error

// run is the whole program: tests call it with their own arguments and writers.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	app := kingpin.New("sidecar", "Measures, watches and remembers Apache Flink jobs.\n\nStart with: sidecar run "+
		"--flink.url=http://jobmanager:8081")
	app.Version(version.Print("flink-sidecar"))
	commandline.Overview(app)
	logging := &promslog.Config{Writer: stderr}
	promslogflag.AddFlags(app, logging)
	actions := commands(app)

	if found, err := commandline.WritePage(app, args, stdout); found {
		return exitCode(err)
	}
	selected, err := commandline.Parse(app, args, stdout, stderr)
	switch {
	case errors.Is(err, commandline.ErrAnswered):
		return exitFine
	case err != nil:
		return exitUsage
	}
	if selected != "run" {
		var stop func()
		ctx, stop = endAtHangup(ctx)
		defer stop()
	}
	err = actions[selected](ctx, console{stdout: stdout, stderr: stderr, log: promslog.New(logging)})
	if err != nil && !errors.Is(err, errReported) && !isClosedOutput(err) {
		fmt.Fprintln(stderr, "sidecar: "+err.Error())
	}
	return exitCode(err)
}

// commands is the table of everything the binary can do.
func commands(app *kingpin.Application) map[string]action {
	actions := map[string]action{
		"run": runCommand(app.Command("run", "Run the sidecar until it is stopped.")),
		"init": initCommand(app.Command("init",
			"Write a commented configuration filled from a running cluster.")),
		"check config": checkConfigCommand(checkClause(app).Command("config",
			"Check a configuration file without any network.")),
		"doctor": doctorCommand(app.Command("doctor", doctorHelp)),
		"probe": probeCommand(app.Command("probe",
			"Send one round of synthetic records through the job and print the latency of each hop.")),
		"scaletest": scaletestCommand(app.Command("scaletest",
			"Run the repeatable scale test: iterations of records through the job, counted and timed at every sink.")),
		"evaluate": evaluateCommand(app.Command("evaluate", evaluateHelp)),
		"advise": adviseCommand(app.Command("advise",
			"Turn profiles and metrics into ranked findings: for a job now, an episode, or a file.")),
		"scenarios": scenariosCommand(app.Command("scenarios",
			"Score the advice on recorded jobs with known answers.")),
		"pause": pauseCommand(app.Command("pause",
			"Stop probe, profiling or LLM at once, through the running sidecar."), (*api.Client).Pause),
		"resume":  pauseCommand(app.Command("resume", "Resume what pause stopped."), (*api.Client).Resume),
		"mcp":     mcpCommand(app.Command("mcp", mcpHelp)),
		"version": versionCommand(app.Command("version", "Print version, revision and Go version.")),
	}
	history := app.Command("history", "Read the history of the sidecar, and import into it.")
	actions["history list"] = historyListCommand(history.Command("list", "List episodes, newest first."))
	actions["history show"] = historyShowCommand(history.Command("show", "Print one episode as JSON."))
	historyChanges(history, actions)
	rulesCommands(app.Command("rules", "Print the trend rules for Prometheus, try them, and see how they did."), actions)
	actions["grafana export"] = grafanaExportCommand(app.Command("grafana", "Files for Grafana.").
		Command("export", grafanaExportHelp))
	profileCommands(app, actions)
	return actions
}

func checkClause(app *kingpin.Application) *kingpin.CmdClause {
	return app.Command("check", "Check files.")
}
