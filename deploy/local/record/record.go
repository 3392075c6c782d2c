package record

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/session"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// startWithin is how long a job may take until all its tasks run.
const startWithin = time.Minute

// Recorder records on the stack of a data directory.
type Recorder struct {
	// Stack is the data directory.
	Stack string
	// Sidecar is the program, Jar the jar of the jobs other than the sample job.
	Sidecar, Jar string
	// Report receives a line for each step.
	Report func(line string)
}

// Scenario records the scenario whose answer is in dir, and replaces its bundle.
func (r Recorder) Scenario(ctx context.Context, dir string) error {
	p, err := readPlanted(dir)
	if err != nil {
		return err
	}
	client, err := stack.NewClient(r.Stack)
	if err != nil {
		return err
	}
	state, err := stack.ReadState(r.Stack)
	if err != nil {
		return err
	}
	flink := session.Client{URL: state.FlinkURL}
	if err := cancelAll(ctx, flink); err != nil {
		return err
	}
	if err := r.submit(ctx, flink, client, state, p); err != nil {
		return err
	}
	if _, err := client.SetLoad(ctx, p.Load); err != nil {
		return err
	}
	err = r.observe(ctx, state.FlinkURL, dir, p)
	_, stopped := client.SetLoad(context.WithoutCancel(ctx), 0)
	return errors.Join(err, stopped, cancelAll(context.WithoutCancel(ctx), flink))
}

func (r Recorder) submit(
	ctx context.Context, flink session.Client, client *stack.Client, state stack.State, p Planted,
) error {
	if p.Class == "" {
		_, err := client.Submit(ctx, stack.JobSpec{Planted: p.Faults, Fixed: p.Fixed, Parallelism: p.Parallelism})
		return err
	}
	jar, err := flink.Upload(ctx, r.Jar)
	if err != nil {
		return err
	}
	id, err := flink.Run(ctx, jar, session.Program{
		EntryClass: p.Class, Args: p.args(state.LookupURL, state.ElasticsearchURL),
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	return flink.WaitRunning(ctx, id)
}

// observe lets a sidecar watch the job, and records when the job is warm.
func (r Recorder) observe(ctx context.Context, flinkURL, dir string, p Planted) error {
	work, err := os.MkdirTemp("", "recording-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	s, err := startSidecar(ctx, r.Sidecar, work, flinkURL, p)
	if err != nil {
		return err
	}
	defer s.stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(p.Warm):
	}
	advice, err := s.record(ctx, filepath.Join(work, "bundle"))
	if err != nil {
		return err
	}
	r.Report(advice)
	return replace(filepath.Join(work, "bundle"), dir)
}

// replace moves a new bundle into a scenario's directory, beside the answer.
func replace(bundle, dir string) error {
	for _, name := range []string{"bundle.json", "profiles"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return os.CopyFS(dir, os.DirFS(bundle))
}

func cancelAll(ctx context.Context, flink session.Client) error {
	jobs, err := flink.Jobs(ctx)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		if job.Ended() {
			continue
		}
		if err := flink.Cancel(ctx, job.ID); err != nil {
			return fmt.Errorf("job %s cannot be cancelled: %w", job.Name, err)
		}
	}
	return nil
}
