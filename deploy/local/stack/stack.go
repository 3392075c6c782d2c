// Package stack is the real stack on one machine: a Flink session cluster, a Kafka
// broker, an Elasticsearch node, Prometheus, Alertmanager, and inside the launcher the
// customer lookup and the background load. Only Grafana is missing: a stand-in, also inside
// the launcher, takes annotations as Grafana does.
//
//	            load ──► kafka ◄──────────┐
//	                       │              │
//	                       ▼              │
//	jobmanager ◄── taskmanager-1, -2: orders enrichment ──► elasticsearch
//	      ▲                │
//	      │                └──► lookup
//	prometheus ──► alertmanager
//
// The services are rows of one table (table.go), each row in a file named after the
// service; package supervisor starts and stops them. A row has the configuration, the
// command line, and a check that the service does its work: free slots rather than a
// process, metadata rather than an open port, cluster health rather than an HTTP answer.
//
// The life of a stack, in the order of a launcher's calls:
//
//	Open   reserves the data directory, ends what an earlier launcher left running,
//	       finds the prerequisites, chooses ports, and listens for commands
//	Up     fetches jars and starts services as far as their dependencies allow, both
//	       at once; then the job, then the load; then writes stack.json
//	Wait   until the context is done or `local down` was called
//	Close  stops everything, last row first, and releases the directory
//
// All services listen on loopback only, and none needs root.
package stack

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/load"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/lookup"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/session"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/standin"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// Options are the user's choices.
type Options struct {
	Dir    string // data directory
	Source string // deploy/local of the checkout
	Cache  string // directory of jars.Cache
	Ports  Ports

	Job  bool // submit the sample job once the services are ready
	Spec JobSpec
	Load float64 // orders per second once the job runs; 0 = none

	FlinkVersion string // one of jars.FlinkVersions; empty = the first of them
	FlinkOnly    bool   // only Flink's processes: no broker, no index, no monitoring
	Size         Size
	LookupDelay  time.Duration
	Profiling    bool   // Flink's rest.profiling.enabled and rest.flamegraph.enabled
	WebhookURL   string // where Alertmanager sends alerts; empty = nowhere

	// Beside returns further rows of the table, which are the first to be stopped. nil =
	// none.
	Beside func(*Stack) []supervisor.Service

	// Report is called with each notable event; it must not block.
	Report func(service, event string)
}

// Stack is a stack of this launcher, from Open to Close.
type Stack struct {
	options   Options
	layout    Layout
	ports     Ports
	jdk       prerequisites.JDK
	workshop  jars.Workshop
	shelf     *artifactCache
	services  *supervisor.Supervisor
	stream    *load.Stream
	grafana   *standin.Grafana
	customers *lookup.Service
	control   *control
	asked     chan struct{} // closed once `local down` was called
	release   func()

	submitting sync.Mutex // one submission at a time

	mu      sync.Mutex // guards the fields below, and stack.json
	ready   bool       // stack.json is to be kept up to date
	job     submitted
	planted []string // faults, in this job and each before it; nil before the first
	tools   monitoring
}

// Open prepares a stack. No service runs yet, but the launcher takes commands, and Close
// must be called.
func Open(ctx context.Context, options Options, machine prerequisites.Machine) (*Stack, error) {
	layout, err := NewLayout(options.Dir)
	if err != nil {
		return nil, err
	}
	found, err := machine.Look(ctx)
	if err != nil {
		return nil, err
	}
	release, err := layout.Hold()
	if err != nil {
		return nil, err
	}
	s := &Stack{
		options: options, layout: layout, ports: options.Ports, jdk: found.JDK, asked: make(chan struct{}),
		release: release,
	}
	if err := s.prepare(ctx, found); err != nil {
		release()
		return nil, err
	}
	return s, nil
}

func (s *Stack) prepare(ctx context.Context, found prerequisites.Found) error {
	if err := s.layout.Clean(ctx, s.options.Report); err != nil {
		return err
	}
	if err := s.layout.Wipe(); err != nil {
		return err
	}
	if err := s.ports.assign(); err != nil {
		return err
	}
	s.workshop = jars.Workshop{
		Source: s.options.Source,
		Maven:  jars.Maven{Program: found.Maven, JavaHome: found.JDK.Home, Log: s.layout.Log("maven")},
		Apt:    jars.Apt{Log: s.layout.Log("apt")},

		FlinkVersion: s.options.FlinkVersion,
	}
	s.shelf = newArtifactCache(jars.Cache{Dir: s.options.Cache}, s.options.Report)
	s.stream = load.NewStream(s.brokers(), sourceTopic, loadSeed)
	s.grafana = standin.New()
	s.customers = lookup.New(s.options.LookupDelay)
	table := s.table()
	if s.options.Beside != nil {
		table = append(table, s.options.Beside(s)...)
	}
	services, err := supervisor.New(table, s.report)
	if err != nil {
		return err
	}
	s.services = services
	s.control, err = serveControl(s)
	return err
}

// Up starts everything. Close must be called, even after an error.
func (s *Stack) Up(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	filled := s.shelf.fill(ctx, s.projects())
	defer func() { cancel(); <-filled }()

	if err := s.services.Up(ctx); err != nil {
		return err
	}
	if err := s.waitSlots(ctx); err != nil {
		return err
	}
	if s.options.Job {
		if _, err := s.Submit(ctx, s.options.Spec); err != nil {
			return err
		}
	}
	s.stream.SetRate(s.options.Load)
	return s.becomeReady()
}

// projects are the builds of the services, in the order in which they are needed.
func (s *Stack) projects() []jars.Project {
	projects := []jars.Project{s.workshop.Flink(), s.workshop.FlinkPlugins()}
	if s.options.FlinkOnly {
		return projects
	}
	projects = append(projects, s.workshop.Kafka(), s.workshop.Elasticsearch())
	if s.options.Job {
		projects = append(projects, s.workshop.Job())
	}
	return append(projects, s.workshop.Prometheus())
}

// waitSlots waits for the cluster's slots: a registered TaskManager may not have offered
// its slots yet.
func (s *Stack) waitSlots(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	wanted := taskManagers * s.options.Size.slots()
	for {
		overview, err := s.flink().Overview(ctx)
		if err == nil && overview.SlotsTotal == wanted {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("flink has %d of %d slots: %w, see %s",
				overview.SlotsTotal, wanted, errors.Join(err, ctx.Err()), s.layout.Log("jobmanager"))
		case <-tick.C:
		}
	}
}

// Start starts a service that is not running and returns when it is ready.
func (s *Stack) Start(ctx context.Context, name string) error {
	_, err := s.services.Start(ctx, name)
	return err
}

// Wait blocks until ctx is done or a client has stopped the stack.
func (s *Stack) Wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.asked:
	}
}

// Close stops the stack. Once ctx is done it no longer waits for slow services.
func (s *Stack) Close(ctx context.Context) error {
	s.mu.Lock()
	s.ready = false
	s.mu.Unlock()
	gone := s.layout.Remove(stateName)
	s.services.Down(ctx)
	closed := s.control.close()
	s.release()
	return errors.Join(gone, closed)
}

// report passes an event on and keeps stack.json up to date.
func (s *Stack) report(service, event string) {
	s.options.Report(service, event)
	if err := s.save(); err != nil {
		s.options.Report("launcher", err.Error())
	}
}

func (s *Stack) becomeReady() error {
	s.mu.Lock()
	s.ready = true
	s.mu.Unlock()
	return s.save()
}

// save writes stack.json while the stack is ready.
func (s *Stack) save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ready {
		return nil
	}
	return s.layout.writeState(s.state())
}

// Layout is the data directory of the stack.
func (s *Stack) Layout() Layout { return s.layout }

// Ports are where the services listen; none is zero.
func (s *Stack) Ports() Ports { return s.ports }

// Profiling is whether Flink's profiler is on.
func (s *Stack) Profiling() bool { return s.options.Profiling }

func (s *Stack) flink() session.Client { return session.Client{URL: httpURL(s.ports.Flink)} }

func (s *Stack) brokers() []string { return []string{ports.Loopback(s.ports.Kafka)} }

func httpURL(port int) string { return "http://" + ports.Loopback(port) }
