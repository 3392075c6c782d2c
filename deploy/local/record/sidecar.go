package record

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
)

// endWithin is how long a sidecar may take to end.
const endWithin = 15 * time.Second

// sidecar is a sidecar that watches the job of one scenario.
type sidecar struct {
	program, config string
	command         *exec.Cmd
}

const configuration = `flink:
  url: %q
  cluster: local
collector:
  poll_interval: 5s
alerts:
  window: 5m
  every: 5s
  settle: 0s
  min_samples: 6
profiling:
  on_alert: false
  modes: [%s]
  duration: %s
  per_day: 100
advisor:
  provider: none
history:
  path: %q
web:
  listen_address: %q
`

// startSidecar starts a sidecar with its files in dir and waits until it answers.
func startSidecar(ctx context.Context, program, dir, flinkURL string, p Planted) (*sidecar, error) {
	free, err := ports.Free(1)
	if err != nil {
		return nil, err
	}
	address := ports.Loopback(free[0])
	s := &sidecar{program: program, config: filepath.Join(dir, "recording.yml")}
	text := fmt.Sprintf(configuration, flinkURL, strings.Join(p.Modes, ", "), p.Duration,
		filepath.Join(dir, "history.db"), address)
	if err := os.WriteFile(s.config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	s.command = exec.CommandContext(ctx, program, "run", "--config.file="+s.config)
	s.command.Cancel = func() error { return s.command.Process.Signal(syscall.SIGTERM) }
	s.command.WaitDelay = endWithin
	log, err := os.Create(filepath.Join(dir, "sidecar.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	s.command.Stderr = log
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	return s, s.awaitReady(ctx, "http://"+address+"/-/ready")
}

func (s *sidecar) awaitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the sidecar is not ready: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

var episodeOf = regexp.MustCompile(`episode (\S+) is in progress`)

// record takes a profile, lets it be judged, and writes the evidence to output.
func (s *sidecar) record(ctx context.Context, output string) (advice string, err error) {
	advice, notes, err := s.run(ctx, "advise", "--config.file="+s.config)
	if err != nil {
		return "", err
	}
	id := episodeOf.FindStringSubmatch(notes)
	if id == nil {
		return "", fmt.Errorf("the sidecar opened no episode: %s", notes)
	}
	_, _, err = s.run(ctx, "advise", "--config.file="+s.config, "--episode="+id[1], "--output="+output)
	return advice, err
}

func (s *sidecar) run(ctx context.Context, args ...string) (stdout, stderr string, err error) {
	var out, notes bytes.Buffer
	command := exec.CommandContext(ctx, s.program, args...)
	command.Stdout, command.Stderr = &out, &notes
	if err := command.Run(); err != nil {
		return "", "", fmt.Errorf("sidecar %s: %w: %s", args[0], err, strings.TrimSpace(notes.String()))
	}
	return out.String(), notes.String(), nil
}

// stop ends the sidecar.
func (s *sidecar) stop() {
	_ = s.command.Process.Signal(syscall.SIGTERM)
	_ = s.command.Wait()
}
