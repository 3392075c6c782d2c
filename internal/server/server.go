package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/exporter-toolkit/web"
)

// stopWithin bounds how long open requests may hold up the end.
const stopWithin = 5 * time.Second

// Server is the HTTP side of the sidecar: one listener for metrics, health,
// API and page.
type Server struct {
	listener net.Listener
	scheme   string
	http     *http.Server
	web      *web.FlagConfig
	log      *slog.Logger
}

// Listen opens the port first of all, so that a taken one is known before
// anything else was touched.
func Listen(ctx context.Context, cfg Config, log *slog.Logger) (*Server, error) {
	scheme, err := schemeOf(cfg.ConfigFile)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", cfg.ListenAddress)
	if err != nil {
		return nil, fmt.Errorf("listening on %s: %w (choose another address with --web.listen-address)", cfg.ListenAddress, err)
	}
	return &Server{
		listener: listener,
		scheme:   scheme,
		http: &http.Server{
			ReadHeaderTimeout: 10 * time.Second,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    64 << 10,
		},
		web: &web.FlagConfig{WebConfigFile: &cfg.ConfigFile},
		log: log.With("component", "web"),
	}, nil
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

// Handle sets what is served. Call it before Run.
func (s *Server) Handle(h http.Handler) { s.http.Handler = h }

// Close releases the port. Run has done so already if it was reached.
func (s *Server) Close() error {
	if err := s.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Run serves until ctx ends, then lets open requests finish for a moment.
func (s *Server) Run(ctx context.Context) error {
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
	err := web.Serve(&healthListener{Listener: s.listener, server: s.http, open: s.http.Handler}, s.http, s.web, s.log)
	if errors.Is(err, http.ErrServerClosed) {
		return <-stopped
	}
	return fmt.Errorf("serving: %w", err)
}

// Handlers are what others serve.
type Handlers struct{ API, Webhook, Profiles, Page http.Handler }

// Routes is everything that is served, on one screen.
func Routes(reg *prometheus.Registry, h Handlers, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{
		// No _created lines: to Prometheus each would be one more series. In protobuf
		// the times are there anyway.
		EnableOpenMetrics: true,
		// A stage that can't be gathered must not hide the others.
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		Registry:      reg,
	}))
	mux.HandleFunc("GET /-/healthy", say("the sidecar is healthy"))
	mux.HandleFunc("GET /-/ready", say("the sidecar is ready"))
	mux.HandleFunc("/-/reload", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "not yet: reload is not part of this version (restart the sidecar: nothing is lost)", http.StatusNotImplemented)
	})
	mux.Handle("/alertmanager/webhook", h.Webhook)
	mux.Handle("/api/", h.API)
	mux.Handle("GET /profiles/{file}", h.Profiles)
	mux.Handle("/", h.Page)
	return sameHost(mux)
}

func say(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		// A client that has gone away needs no answer.
		_, _ = io.WriteString(w, text+"\n")
	}
}

// sameHost refuses requests to a loopback listener that name a foreign host: a
// Page somewhere on the web whose name was made to point here (DNS rebinding).
func sameHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		if ok && local.IP.IsLoopback() && !loopbackName(r.Host) {
			http.Error(w, "this sidecar listens on loopback only: use its loopback address", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopbackName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return host == "localhost" || host == "" || ip != nil && ip.IsLoopback()
}
