package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// profileCost measures the throughput of a job at full speed with and without a running profile.
// The two take turns, with the commands that a user has.
type profileCost struct {
	program, config, file string
	mode                  string
	records, pairs        int
	// profile is how long a profile runs: longer than an iteration.
	profile time.Duration
}

// Labels of the iterations.
const (
	withoutProfile = "no profile"
	withProfile    = "profile"
	warmUpLabel    = "warm-up"
)

func (p *profileCost) measure(ctx context.Context, _ string) error {
	if _, err := p.iteration(ctx, warmUpLabel); err != nil {
		return err
	}
	// The import wants the rows of a label together.
	rows := map[string]*strings.Builder{withoutProfile: {}, withProfile: {}}
	for pair := 1; pair <= p.pairs; pair++ {
		order := []string{withoutProfile, withProfile}
		if pair%2 == 0 {
			order = []string{withProfile, withoutProfile}
		}
		rate := map[string]float64{}
		for _, label := range order {
			var err error
			if rate[label], err = p.iteration(ctx, label); err != nil {
				return err
			}
		}
		for label, of := range rows {
			fmt.Fprintf(of, "%s,%d,1,%.2f\n", label, pair, rate[label])
		}
		fmt.Printf("pair %d: %.1f records/s, with a profile %.1f, lower by %.1f %%, load of the machine %s\n", pair,
			rate[withoutProfile], rate[withProfile], 100*(1-rate[withProfile]/rate[withoutProfile]), load())
		if err := p.keep(rows[withoutProfile].String() + rows[withProfile].String()); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the rows so far to the file that was asked for.
func (p *profileCost) keep(text string) error {
	if p.file == "" {
		return nil
	}
	return os.WriteFile(p.file, []byte("label,deployment,iteration,throughput\n"+text), 0o600)
}

// iteration is one iteration of the scale test. A profile begins before it and ends after it.
func (p *profileCost) iteration(ctx context.Context, label string) (rate float64, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	profiled := make(chan error, 1)
	if label == withProfile {
		began := time.Now()
		go func() { profiled <- p.take(ctx) }()
		defer func() {
			if err == nil && time.Since(began) > p.profile {
				err = fmt.Errorf("the iteration lasted %s, longer than the profile (raise --profile)",
					time.Since(began).Round(time.Second))
			}
			err = errors.Join(err, <-profiled)
		}()
		if !rest(ctx, settleProfile) {
			return 0, ctx.Err()
		}
	}
	return p.test(ctx, label)
}

// settleProfile is the time in which a profile begins.
const settleProfile = 3 * time.Second

// test runs the scale test, and returns the throughput of its iteration.
func (p *profileCost) test(ctx context.Context, label string) (float64, error) {
	answer, err := p.run(ctx, "scaletest", "--label="+label, "--run=profile-cost", "--iterations=1", "--format=json",
		fmt.Sprintf("--records=%d", p.records))
	if err != nil {
		return 0, err
	}
	var result tested
	if err := json.Unmarshal(answer, &result); err != nil {
		return 0, err
	}
	if len(result.Iterations) != 1 || result.Iterations[0].Throughput == nil || result.unusable() && label != warmUpLabel {
		return 0, fmt.Errorf("the iteration does not count: %s", result.text())
	}
	return *result.Iterations[0].Throughput, nil
}

// tested is what the scale test answers, as far as it matters here.
type tested struct {
	Verdict    string `json:"verdict"`
	Iterations []struct {
		Throughput *float64 `json:"throughput"`
		Flags      []string `json:"flags"`
	} `json:"iterations"`
}

// text says why a test does not count.
func (t *tested) text() string {
	var flags []string
	for _, i := range t.Iterations {
		flags = append(flags, i.Flags...)
	}
	return fmt.Sprintf("verdict %s, flags %q (repair what the flag says)", t.Verdict, flags)
}

// unusable reports whether an iteration does not count here. A short one does: both of a pair have
// equally many records, and only their ratio matters.
func (t *tested) unusable() bool {
	for _, i := range t.Iterations {
		if len(i.Flags) > 0 && !slices.Equal(i.Flags, []string{"short"}) {
			return true
		}
	}
	return false
}

// take takes a profile of the busiest TaskManager.
func (p *profileCost) take(ctx context.Context) error {
	directory, err := os.MkdirTemp("", "profilecost")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	taken, err := p.run(ctx, "profile", "take", "--modes="+p.mode, "--duration="+p.profile.String(), "--output="+directory)
	fmt.Printf("profile: %s\n", strings.TrimSpace(string(taken)))
	return err
}

func (p *profileCost) run(ctx context.Context, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, p.program, append(args, "--config.file="+p.config)...)
	answer, err := command.Output()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		return nil, fmt.Errorf("sidecar %s: %w: %s", args[0], err, exit.Stderr)
	}
	return answer, err
}
