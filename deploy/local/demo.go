package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/demo"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

func demoCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("demo", "Start the stack with its job, a background load and the sidecar, and show "+
		"their state.")
	flags := addStackFlags(clause)
	clause.Flag("load", "Orders per second in the background. Without it 100; where a fault is repaired, 200 "+
		"and then what one vertex hardly keeps up with.").
		FloatVar(&flags.options.Load)
	duration := clause.Flag("duration", "End after this time, counted from stack ready. The exit code is 0 only "+
		"if no stage failed; from 6m on a stage without a result has failed. From 16m on the demo repairs one planted "+
		"fault by itself, and shows prediction and outcome.").Duration()
	program := clause.Flag("sidecar", "The sidecar's program.").Default("bin/sidecar").String()
	return command{clause, func(ctx context.Context, c console) error {
		d, err := demo.New(*program)
		if err != nil {
			return err
		}
		news := &news{out: c.err}
		if *duration >= demo.RepairNeeds {
			d.Repair(flags.options.Load == 0)
			repairable(&flags.options)
		}
		flags.options.Load = cmp.Or(flags.options.Load, quietLoad)
		flags.options.Job = true
		flags.options.Beside = d.Sidecar
		s, err := flags.open(ctx, *dir, news)
		if err != nil {
			return err
		}
		err = showDemo(ctx, c, d, s, news, *duration)
		news.to(c.err)
		return errors.Join(err, d.End(), s.Close(c.hurry))
	}}
}

// Orders per second: what the job does with ease, and what the demo that repairs a fault begins with.
const (
	quietLoad = 100
	firstLoad = 200
)

// repairable chooses the load and the faults of a demo that repairs one, unless the user did. The hot
// key is planted for it: what its repair gains shows in the busy time of the subtasks. That of the
// lookups does not, because a task that waits for asynchronous answers is not busy. Small batches of
// the sink would hide the gain.
func repairable(o *stack.Options) {
	o.Load = cmp.Or(o.Load, firstLoad)
	if len(o.Spec.Planted) == 0 && len(o.Spec.Fixed) == 0 {
		o.Spec.Planted, o.Spec.Fixed = []string{demo.Repairs}, []string{"bulk"}
	}
}

// showDemo runs the demo on an open stack, from the start of its services to the summary.
func showDemo(ctx context.Context, c console, d *demo.Demo, s *stack.Stack, news *news, duration time.Duration) error {
	if err := up(ctx, c, s, news); err != nil {
		return err
	}
	if err := d.Begin(ctx); err != nil {
		return err
	}
	launcher, err := os.Executable()
	if err != nil {
		return err
	}
	if err := d.Print(c.out, launcher); err != nil {
		return err
	}
	watching, stop := context.WithCancel(ctx)
	defer stop()
	if duration > 0 {
		watching, stop = context.WithDeadline(ctx, d.Ready().Add(duration))
		defer stop()
	}
	go func() { s.Wait(watching); stop() }() // `local down` also ends it
	screen := newScreen(c.out)
	news.to(screen)
	d.Watch(watching, screen)
	news.to(c.out)
	fmt.Fprintln(c.out)
	if errors.Is(watching.Err(), context.DeadlineExceeded) {
		return judge(c, d, judgePatience)
	}
	// Ended by the user: the summary is shown, but does not decide the exit code.
	if err := judge(c, d, 0); err != nil {
		fmt.Fprintln(c.err, err)
	}
	if duration > 0 {
		return errors.New("interrupted before the time was over")
	}
	return nil
}

// judgePatience is how long a failed stage is checked again: a single poll of Flink may
// have been too slow.
const judgePatience = 20 * time.Second

// judge prints the summary. The error names the stages that failed.
func judge(c console, d *demo.Demo, patience time.Duration) error {
	summary, err := d.Judge(c.hurry, patience)
	if err != nil {
		return err
	}
	return summary.Print(c.out)
}
