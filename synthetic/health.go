package synthetic

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Target is the state of one server that the probe needs.
type Target struct {
	Name string
	// Up is nil until the first contact.
	Up *bool
	// Problems say what is wrong and what to do, one sentence each, sorted.
	Problems []string
	// Since is the time at which the target came up or went down.
	Since time.Time
}

// health holds the problems of each target. Each user of a target (the producer, a
// sink) reports separately. The target is up if none of its users reports an error.
// Only changes are logged.
type health struct {
	log *slog.Logger
	now clock.Clock

	mu      sync.Mutex
	targets map[string]*targetHealth
}

type targetHealth struct {
	users map[string]error // nil means that it works
	notes map[string]error // problems that do not prevent the measurement
	since time.Time
}

func newHealth(now clock.Clock, log *slog.Logger, targets ...string) *health {
	h := &health{log: log, now: now, targets: map[string]*targetHealth{}}
	for _, target := range targets {
		h.targets[target] = &targetHealth{users: map[string]error{}, notes: map[string]error{}}
	}
	return h
}

// report records the result of a user's last request; nil means success.
func (h *health) report(target, user string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.targets[target]
	was, known := t.users[user]
	upBefore := t.up()
	t.users[user] = err
	if !known || t.up() != upBefore {
		t.since = h.now().Wall.Round(0)
	}
	h.logChange(target, user, was, err)
}

// note records a problem of a target that is up.
func (h *health) note(target, user string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.targets[target]
	was := t.notes[user]
	t.notes[user] = err
	h.logChange(target, user, was, err)
}

func (h *health) logChange(target, user string, was, is error) {
	switch {
	case is != nil && (was == nil || was.Error() != is.Error()):
		h.log.Warn("The probe has a problem", "target", target, "user", user, "err", is)
	case is == nil && was != nil:
		h.log.Info("A problem of the probe is over", "target", target, "user", user)
	}
}

func (t *targetHealth) up() bool {
	for _, err := range t.users {
		if err != nil {
			return false
		}
	}
	return true
}

// list returns all targets, sorted by name.
func (h *health) list() []Target {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Target
	for _, name := range slices.Sorted(maps.Keys(h.targets)) {
		t := h.targets[name]
		target := Target{Name: name, Since: t.since}
		if len(t.users) > 0 {
			up := t.up()
			target.Up = &up
		}
		target.Problems = t.problems()
		out = append(out, target)
	}
	return out
}

// problems returns each distinct problem once, sorted.
func (t *targetHealth) problems() []string {
	var texts []string
	for _, found := range []map[string]error{t.users, t.notes} {
		for _, err := range found {
			if err != nil {
				texts = append(texts, err.Error())
			}
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}
