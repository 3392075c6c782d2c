package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/record"
)

func recordCommand(app *kingpin.Application, dir *string) command {
	clause := app.Command("record", "Record scenarios with known answers: run what each answer says is planted, and "+
		"write the evidence beside the answer. Cancels the running jobs.")
	sidecar := clause.Flag("sidecar", "The sidecar that looks at the jobs.").Default("bin/sidecar").String()
	scenarios := clause.Arg("scenario", "Directories with answer.yaml.").Required().ExistingDirs()
	return command{clause, func(ctx context.Context, c console) error {
		jar, err := scenarioJar(ctx, *dir)
		if err != nil {
			return err
		}
		recorder := record.Recorder{Stack: *dir, Sidecar: *sidecar, Jar: jar, Report: func(line string) {
			fmt.Fprintln(c.err, line)
		}}
		var failed error
		for _, scenario := range *scenarios {
			began := time.Now()
			if err := recorder.Scenario(ctx, scenario); err != nil {
				failed = errors.Join(failed, fmt.Errorf("%s: %w", scenario, err))
				fmt.Fprintf(c.err, "%s: %v\n", scenario, err)
				if ctx.Err() != nil {
					break
				}
				continue
			}
			fmt.Fprintf(c.out, "%s recorded in %.0f s\n", strings.TrimSuffix(scenario, "/"), time.Since(began).Seconds())
		}
		return failed
	}}
}

// scenarioJar builds the jar of the scenarios' jobs from its present sources.
func scenarioJar(ctx context.Context, dir string) (string, error) {
	source, err := findSource()
	if err != nil {
		return "", err
	}
	cache, err := jars.DefaultDir()
	if err != nil {
		return "", err
	}
	found, err := prerequisites.This().Look(ctx)
	if err != nil {
		return "", err
	}
	workshop := jars.Workshop{
		Source: source,
		Maven:  jars.Maven{Program: found.Maven, JavaHome: found.JDK.Home, Log: filepath.Join(dir, "logs", "maven.log")},
	}
	built, err := jars.Cache{Dir: cache}.Resolve(ctx, workshop.Scenarios())
	return filepath.Join(built, jars.ScenarioJar), err
}
