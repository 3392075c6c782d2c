package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/load"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

const (
	// patience is long: it only bounds a start that fails, and a machine with two cores
	// may be busy.
	patience = 3 * time.Minute
	// grace is the time that the slowest service, the broker, may take to end.
	grace = 20 * time.Second
	// loadSeed makes the background load the same in every stack.
	loadSeed = 1
)

// table is every service of the stack. They are stopped from the last to the first,
// senders before receivers.
func (s *Stack) table() []supervisor.Service {
	if s.options.FlinkOnly {
		return []supervisor.Service{s.jobManager(), s.taskManager(1), s.taskManager(2)}
	}
	return []supervisor.Service{
		s.kafka(),
		s.elasticsearch(),
		s.alertmanager(),
		s.prometheus(),
		s.grafanaStandIn(),
		s.lookup(),
		s.jobManager(),
		s.taskManager(1),
		s.taskManager(2),
		s.load(),
	}
}

// Row is a row of the table with the common fields.
func (s *Stack) Row(name string, port int) supervisor.Service {
	return supervisor.Service{Name: name, Port: port, Log: s.layout.Log(name), Patience: patience, Grace: grace}
}

// Spec is a command with the common fields.
func (s *Stack) Spec(name string, argv []string) process.Spec {
	return process.Spec{
		Name: name, Argv: argv, Dir: s.layout.Dir, Log: s.layout.Log(name),
		Record: s.layout.Record(name),
	}
}

// lookup is the customer service, inside the launcher.
func (s *Stack) lookup() supervisor.Service {
	row := s.Row("lookup", s.ports.Lookup)
	row.Log = ""
	row.Launch = func(context.Context) (*process.Process, error) {
		return process.Inside("lookup", func(ctx context.Context) error {
			return s.customers.Run(ctx, ports.Loopback(s.ports.Lookup), func() {})
		}), nil
	}
	row.Ready = func(ctx context.Context) error {
		return fetch(ctx, "GET", s.lookupURL()+"nobody", "", nil)
	}
	return row
}

// SetLookupDelay changes how long the customer service takes to answer, and returns the earlier
// delay.
func (s *Stack) SetLookupDelay(delay time.Duration) (before time.Duration, err error) {
	if delay < 0 || delay > mostLookupDelay {
		return 0, fmt.Errorf("a delay of %s is out of range (use 0s to %s)", delay, mostLookupDelay)
	}
	before = s.customers.SetDelay(delay)
	s.report("lookup", fmt.Sprintf("answers after %s (was %s)", delay, before))
	return before, nil
}

// mostLookupDelay is longer than the sample job waits for an answer.
const mostLookupDelay = 10 * time.Second

func (s *Stack) lookupURL() string { return httpURL(s.ports.Lookup) + "/customers/" }

// load is the background stream, inside the launcher. It sends nothing before SetLoad.
func (s *Stack) load() supervisor.Service {
	row := s.Row("load", 0)
	row.Log, row.After = "", []string{"kafka"}
	row.Launch = func(context.Context) (*process.Process, error) {
		return process.Inside("load", func(ctx context.Context) error {
			return s.stream.Run(ctx, func() {})
		}), nil
	}
	return row
}

// SetLoad changes the rate of the background load and returns the earlier rate. The load
// keeps the rate while its service is stopped.
func (s *Stack) SetLoad(rate float64) (before float64, err error) {
	if rate < 0 || rate > mostLoad {
		return 0, fmt.Errorf("a load of %g records/s is out of range (use 0 to %d)", rate, mostLoad)
	}
	before = s.stream.SetRate(rate)
	s.report("load", fmt.Sprintf("%g records/s (was %g)", rate, before))
	return before, nil
}

// mostLoad is far above what a job on this stack can process and what the generator can
// make on one core.
const mostLoad = 100_000

// Load returns the requested rate and the records sent so far.
func (s *Stack) Load() (rate float64, counts load.Counts) {
	return s.stream.Rate(), s.stream.Counts()
}
