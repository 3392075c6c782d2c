package app

import (
	"errors"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// health says why the sidecar does not do its work, or nil. Servers that do not answer
// are metrics instead: a restart would not mend them.
func (a *App) health() error {
	if a.unwritten() != nil {
		return nil // not ready: room on the volume mends it, a restart does not
	}
	if text := a.stuck(); text != "" {
		return errors.New(text)
	}
	return nil
}

// unwritten says why the history cannot be written at present, or nil. While it is so, the
// sidecar is not ready.
func (a *App) unwritten() error {
	if a.store == nil {
		return nil
	}
	if err := a.store.WriteFault(); err != nil {
		return fmt.Errorf("%w (make room on the volume of the history, or mount it for writing; a restart is not necessary)", err)
	}
	return nil
}

// stuck describes the episodes that do not go on; empty if all do.
func (a *App) stuck() string {
	stuck := a.loop.Stuck()
	if len(stuck) == 0 {
		return ""
	}
	first := stuck[0]
	reason := first.Reason
	if reason == "" {
		reason = "the step does not end"
	}
	return fmt.Sprintf("%d episodes are stuck; the first is %s, in state %s since %s: %s "+
		"(correct the cause, or restart the sidecar: "+
		"it resumes where it was)", len(stuck), first.Episode, first.State, first.Since.UTC().
		Format(time.RFC3339), reason)
}

// warnings are what the page shows first.
func (a *App) warnings() []api.Warning {
	var out []api.Warning
	if text := a.server.Unprotected(); text != "" {
		out = append(out, api.Warning{What: "The sidecar is open to the network without authentication", Text: text})
	}
	if err := a.unwritten(); err != nil {
		out = append(out, api.Warning{What: "The history cannot be written", Text: err.Error()})
	}
	if text := a.stuck(); text != "" {
		out = append(out, api.Warning{What: "Episodes are stuck", Text: text})
	}
	return out
}
