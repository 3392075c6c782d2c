package server

import (
	"log"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// occasional logs the first few of many lines and then one in a while, with the number of
// those left out: what every client can cause must not fill a disk.
type occasional struct {
	log     *slog.Logger
	message string

	mu      sync.Mutex
	allowed *rate.Limiter
	leftOut int
}

func newOccasional(l *slog.Logger, message string, every time.Duration, burst int) *occasional {
	return &occasional{log: l, message: message, allowed: rate.NewLimiter(rate.Every(every), burst)}
}

func (o *occasional) warn(args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.allowed.Allow() {
		o.leftOut++
		return
	}
	o.log.Warn(o.message, append(args, "left_out", o.leftOut)...) //nolint:sloglint // each has one message
	o.leftOut = 0
}

// Write implements io.Writer for a log.Logger, whose every call is one line.
func (o *occasional) Write(line []byte) (int, error) {
	o.warn("err", strings.TrimSpace(string(line)))
	return len(line), nil
}

// newErrorLog is http.Server's log: failed handshakes, panics of handlers, and the like.
func newErrorLog(l *slog.Logger) *log.Logger {
	return log.New(newOccasional(l, "HTTP server", 10*time.Second, 10), "", 0)
}
