package main

import (
	"context"
	"errors"
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
)

// starts measures how soon a sidecar answers after the start of its process, with the history at
// path and with an empty one. Flink does not answer: it is not what is measured.
func (h *histories) starts(ctx context.Context, dir, path string) (all []spread, err error) {
	const often = 5
	for _, of := range []struct{ name, path string }{
		{"this history", path}, {"an empty history", filepath.Join(dir, "empty.db")},
	} {
		var metrics, ready []time.Duration
		for range often {
			m, r, err := h.start(ctx, of.path)
			if err != nil {
				return nil, err
			}
			metrics, ready = append(metrics, m), append(ready, r)
		}
		all = append(all, spreadOf(of.name+": to `/metrics`", metrics), spreadOf(of.name+": ready", ready))
	}
	return all, nil
}

// start runs one sidecar until it is ready.
func (h *histories) start(ctx context.Context, path string) (metrics, ready time.Duration, err error) {
	free, err := ports.Free(2)
	if err != nil {
		return 0, 0, err
	}
	address := ports.Loopback(free[0])
	program := exec.CommandContext(ctx, h.program, "run", "--flink.url=http://"+ports.Loopback(free[1]),
		"--history.path="+path, "--web.listen-address="+address)
	began := time.Now()
	if err := program.Start(); err != nil {
		return 0, 0, err
	}
	defer func() {
		_ = program.Process.Signal(syscall.SIGTERM) // it has ended if that fails
		_ = program.Wait()
	}()
	if metrics, err = firstAnswer(ctx, "http://"+address+"/metrics", began); err != nil {
		return 0, 0, err
	}
	ready, err = firstAnswer(ctx, "http://"+address+"/-/ready", began)
	return metrics, ready, err
}

// firstAnswer is the time from the start until an address answers 200.
func firstAnswer(ctx context.Context, url string, began time.Time) (time.Duration, error) {
	for time.Since(began) < 5*time.Minute {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return 0, err
		}
		request.Close = true // the server may be another one next time
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return time.Since(began), nil
			}
		}
		if !rest(ctx, 2*time.Millisecond) {
			return 0, ctx.Err()
		}
	}
	return 0, errors.New("the sidecar does not answer after five minutes")
}
