package main

import (
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
	clause := app.Command("demo", "Start the stack with its job, a background load and the sidecar, and show how they do.")
	flags := addStackFlags(clause)
	clause.Flag("load", "Orders per second in the background.").Default("100").FloatVar(&flags.options.Load)
	duration := clause.Flag("duration", "End by itself after this time, counted from stack ready, with exit code 0 only if every stage that can be reached did its work.").Duration()
	program := clause.Flag("sidecar", "The sidecar's program.").Default("bin/sidecar").String()
	return command{clause, func(ctx context.Context, c console) error {
		d, err := demo.New(*program)
		if err != nil {
			return err
		}
		news := &news{out: c.err}
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

// showDemo runs the demo on an open stack, from the start of its services to the summary.
func showDemo(ctx context.Context, c console, d *demo.Demo, s *stack.Stack, news *news, duration time.Duration) error {
	if err := up(ctx, c, s, news); err != nil {
		return err
	}
	ready := time.Now()
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
		watching, stop = context.WithDeadline(ctx, ready.Add(duration))
		defer stop()
	}
	go func() { s.Wait(watching); stop() }() // `local down` ends it, too
	screen := newScreen(c.out)
	news.to(screen)
	d.Watch(watching, screen)
	news.to(c.out)
	return judge(ctx, c, d, duration > 0 && !errors.Is(watching.Err(), context.DeadlineExceeded))
}

// judge prints the summary. early says that the user did not want to wait for the end.
func judge(ctx context.Context, c console, d *demo.Demo, early bool) error {
	stages, err := d.Judge(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out)
	if err := demo.Summarize(c.out, stages); err != nil {
		return err
	}
	if early {
		return errors.New("interrupted before the time was over")
	}
	return nil
}
