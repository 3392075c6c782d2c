package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/exporter-toolkit/web"
)

// stopWithin bounds how long open requests may hold up the end. The whole sidecar ends within
// 5 s, and what follows needs a part of them.
const stopWithin = 3 * time.Second

// Server is the HTTP side of the sidecar: one listener for metrics, health,
// API and page.
type Server struct {
	cfg         Config
	listener    net.Listener
	connections *connections
	scheme      string
	http        *http.Server
	web         *web.FlagConfig
	metrics     *metrics
	log         *slog.Logger
	// routes is the table, and first the limits until a request has found its entry;
	// a test may change both.
	routes []route
	first  struct{ read, write time.Duration }
}

// Listen opens the port first of all, so that a taken one is known before
// anything else was touched.
func Listen(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	scheme, err := checkWebFile(cfg.ConfigFile)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.ListenAddress)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w (choose another address with --web.listen-address)",
			cfg.ListenAddress, err)
	}
	s := &Server{
		cfg:      cfg,
		listener: listener,
		scheme:   scheme,
		web:      &web.FlagConfig{WebConfigFile: &cfg.ConfigFile},
		metrics:  newMetrics(),
		log:      log.With("component", "web"),
		routes:   slices.Clone(routes),
	}
	s.first.read, s.first.write = readWithin, writeWithin
	s.connections = newConnections(listener, connectionLimit(), s.metrics.evicted.Inc)
	s.http = &http.Server{
		ReadHeaderTimeout: readHeadersWithin,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ConnState:         stateChanged,
		ConnContext:       withConn,
		ErrorLog:          newErrorLog(s.log),
	}
	return s, nil
}

// URL is where the server can be reached on this machine.
func (s *Server) URL() string {
	addr := s.listener.Addr().(*net.TCPAddr)
	host := addr.IP.String()
	if addr.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return s.scheme + "://" + net.JoinHostPort(host, fmt.Sprint(addr.Port))
}

// Unprotected says what is wrong, in a sentence that ends in what to do, if other machines
// reach the sidecar without authentication; otherwise it is empty.
func (s *Server) Unprotected() string {
	if s.listener.Addr().(*net.TCPAddr).IP.IsLoopback() {
		return ""
	}
	if file, err := readWebFile(s.cfg.ConfigFile); err == nil && file.authenticates() {
		return ""
	}
	if s.cfg.AllowUnauthenticatedWrites {
		return "every machine that reaches " + s.listener.Addr().
			String() + " may read everything, pause the sidecar and start work " +
			"(set web.config_file with basic_auth_users or client certificates, or listen on 127.0.0.1)"
	}
	return "every machine that reaches " + s.listener.Addr().
		String() + " may read everything; what changes something is refused " +
		"(set web.config_file with basic_auth_users or client certificates, or listen on 127.0.0.1)"
}

// Handlers are the handlers that the server routes requests to.
type Handlers struct {
	API, Webhook, Profiles, Page http.Handler
	// WebhookToken: Webhook asks for a token, which suffices from other machines.
	WebhookToken bool
	// Health says why the sidecar is not healthy, in a sentence that ends in what to do;
	// nil is always healthy.
	Health func() error
	// Reload reads the configuration again and says in a sentence what came of it.
	Reload func() (string, error)
	// Ready says why the sidecar does not take work, in the same form; nil is always ready.
	Ready func() error

	metrics http.Handler
}

// Handle sets what is served, by the table of routes. Call it before Run. The registry is
// what /metrics shows.
func (s *Server) Handle(reg *prometheus.Registry, h Handlers) {
	h.metrics = newScraper(reg, s.log)
	g := newGuard(s.cfg, s.metrics.refused)
	g.webhookToken = h.WebhookToken
	mux := http.NewServeMux()
	for _, t := range s.routes {
		mux.Handle(t.pattern, g.wrap(t, t.to(h)))
	}
	s.http.Handler = mux
}

// Close releases the port. Run has done so already if it was reached.
func (s *Server) Close() error {
	if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Run serves until ctx ends, then lets open requests finish for a moment.
func (s *Server) Run(ctx context.Context) error {
	if problem := s.Unprotected(); problem != "" {
		s.log.Warn("THE SIDECAR IS OPEN TO THE NETWORK WITHOUT AUTHENTICATION", "problem", problem)
	}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
		defer cancel()
		err := s.http.Shutdown(grace)
		if errors.Is(err, context.DeadlineExceeded) {
			err = s.http.Close()
		}
		stopped <- err
	}()
	err := web.Serve(&firstAccept{Listener: s.connections, do: s.putOutermost(s.http.Handler)}, s.http, s.web, s.log)
	if errors.Is(err, http.ErrServerClosed) {
		return <-stopped
	}
	return fmt.Errorf("serving: %w", err)
}

// putOutermost returns what puts our handler in front of exporter-toolkit's. That one is
// set just before the first Accept, and has no list of exceptions.
func (s *Server) putOutermost(open http.Handler) func() {
	return func() { s.http.Handler = s.outermost(s.http.Handler, open) }
}

// firstAccept calls do at the first Accept, when no request can be under way.
type firstAccept struct {
	net.Listener

	do   func()
	once sync.Once
}

// Accept implements net.Listener.
func (l *firstAccept) Accept() (net.Conn, error) {
	l.once.Do(l.do)
	return l.Listener.Accept()
}

func say(text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		// A client that closed its connection needs no answer.
		_, _ = w.Write([]byte(text + "\n"))
	})
}
