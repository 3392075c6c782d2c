package stack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/load"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// The launcher takes commands through HTTP on a Unix socket in the data directory, which
// only its owner can open. Client is the other end; the types between them:

// Report is the answer to "status".
type Report struct {
	PID      int                 `json:"pid"` // of the launcher
	Dir      string              `json:"dir"`
	Services []supervisor.Status `json:"services"`
	JobID    string              `json:"job_id"` // empty when none was submitted
	Rate     float64             `json:"rate"`   // of the background load, records per second
	Counts   load.Counts         `json:"counts"` // of the background load
}

// rateChange is the request and the answer of "load".
type rateChange struct {
	Rate float64 `json:"rate"`
}

// delayChange is the request and the answer of "lookup".
type delayChange struct {
	Delay time.Duration `json:"delay"` // in nanoseconds
}

// fault is every answer that is not 200.
type fault struct {
	Error string `json:"error"`
}

const socketName = "control.sock"

// control is the launcher's end.
type control struct {
	server *http.Server
	dir    *os.File
	served chan error
}

// serveControl starts to listen. It opens the socket through a descriptor of its
// directory, because the path of a Unix socket may have 107 characters and that of a data
// directory may have more.
func serveControl(s *Stack) (*control, error) {
	dir, err := os.Open(s.layout.Dir)
	if err != nil {
		return nil, err
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "unix", socketIn(dir)) // it does not block
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	if err := os.Chmod(s.layout.In(socketName), 0o600); err != nil {
		return nil, errors.Join(err, listener.Close(), dir.Close())
	}
	c := &control{
		server: &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second},
		dir:    dir,
		served: make(chan error, 1),
	}
	go func() { c.served <- c.server.Serve(listener) }()
	return c, nil
}

func socketIn(dir *os.File) string {
	return filepath.Join("/proc/self/fd", fmt.Sprint(dir.Fd()), socketName)
}

// close waits for open requests, among them "stop".
func (c *control) close() error {
	grace, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	err := c.server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = c.server.Close()
	}
	if failed := <-c.served; !errors.Is(failed, http.ErrServerClosed) {
		err = errors.Join(err, failed)
	}
	return errors.Join(err, c.dir.Close())
}

func (s *Stack) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", s.answerStatus)
	mux.HandleFunc("POST /services/{name}/start", s.answerStart)
	mux.HandleFunc("POST /services/{name}/kill", s.answerKill)
	mux.HandleFunc("POST /submit", s.answerSubmit)
	mux.HandleFunc("POST /load", s.answerLoad)
	mux.HandleFunc("POST /lookup", s.answerLookup)
	mux.HandleFunc("POST /stop", s.answerStop)
	return mux
}

func (s *Stack) answerStatus(w http.ResponseWriter, _ *http.Request) {
	rate, counts := s.Load()
	s.mu.Lock()
	job := s.job.id
	s.mu.Unlock()
	answer(w, Report{
		PID: os.Getpid(), Dir: s.layout.Dir, Services: s.services.Status(), JobID: job, Rate: rate, Counts: counts,
	}, nil)
}

func (s *Stack) answerStart(w http.ResponseWriter, r *http.Request) {
	status, err := s.services.Start(r.Context(), r.PathValue("name"))
	answer(w, status, err)
}

func (s *Stack) answerKill(w http.ResponseWriter, r *http.Request) {
	signal, err := ParseSignal(r.FormValue("signal"))
	if err != nil {
		answer(w, nil, err)
		return
	}
	status, err := s.services.Kill(r.Context(), r.PathValue("name"), signal)
	answer(w, status, err)
}

func (s *Stack) answerSubmit(w http.ResponseWriter, r *http.Request) {
	var spec JobSpec
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBytes)).Decode(&spec); err != nil {
		answer(w, nil, err)
		return
	}
	jobID, err := s.Submit(r.Context(), spec)
	answer(w, jobID, err)
}

func (s *Stack) answerLoad(w http.ResponseWriter, r *http.Request) {
	var change rateChange
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBytes)).Decode(&change); err != nil {
		answer(w, nil, err)
		return
	}
	before, err := s.SetLoad(change.Rate)
	answer(w, rateChange{Rate: before}, err)
}

func (s *Stack) answerLookup(w http.ResponseWriter, r *http.Request) {
	var change delayChange
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, mostBytes)).Decode(&change); err != nil {
		answer(w, nil, err)
		return
	}
	before, err := s.SetLookupDelay(change.Delay)
	answer(w, delayChange{Delay: before}, err)
}

func (s *Stack) answerStop(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.asked:
	default:
		close(s.asked)
	}
	answer(w, nil, nil)
}

func answer(w http.ResponseWriter, value any, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusConflict)
		value = fault{Error: err.Error()}
	}
	_ = json.NewEncoder(w).Encode(value) // the client may have disconnected
}

// ParseSignal reads a signal by name or number: KILL, sigkill or 9.
func ParseSignal(text string) (syscall.Signal, error) {
	name := strings.ToUpper(text)
	if !strings.HasPrefix(name, "SIG") {
		name = "SIG" + name
	}
	if signal := unix.SignalNum(name); signal != 0 {
		return signal, nil
	}
	var number int
	if _, err := fmt.Sscanf(text, "%d", &number); err == nil && unix.SignalName(syscall.Signal(number)) != "" {
		return syscall.Signal(number), nil
	}
	return 0, fmt.Errorf("there is no signal %q (use for example KILL, TERM, STOP or CONT)", text)
}
