package main

import (
	"context"
	"errors"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/profilefile"
)

const diffHelp = `Compare two flame graph pages: list the frames whose share of the samples differs
by more than chance explains. Needs no network.

With --episode: compare the profile of an episode with the last good one of the same
job, vertex and mode from before the last change of the job, or with its control.

Examples:

  sidecar profile diff before.html after.html
  sidecar profile diff before.html after.html --to=json
  sidecar profile diff before.html after.html --to=collapsed
  sidecar profile diff --episode=ID
  sidecar profile diff --episode=ID --control`

type diffFlags struct {
	flags   *configFlags
	episode string
	control bool
	// named is true for base and next if they were given: kingpin passes a lone dash as
	// "".
	named          [2]bool
	base, next, to string
	normalise      bool
	// chosen is true if --normalise or --no-normalise was given.
	chosen bool
}

func diffCommand(clause *kingpin.CmdClause) action {
	f := &diffFlags{flags: addThroughFlags(clause)}
	clause.Arg("base", "The page to compare with; '-' is standard input.").Action(f.isNamed(0)).StringVar(&f.base)
	clause.Arg("new", "The page to compare; '-' is standard input.").Action(f.isNamed(1)).StringVar(&f.next)
	clause.Flag("episode", "Compare the profile of this episode (id as in history list), instead of two pages.").
		StringVar(&f.episode)
	clause.Flag("control", "With --episode: compare with the control, a process with typical load that was "+
		"profiled in the same episode.").BoolVar(&f.control)
	clause.Flag("to", "table, json, or collapsed: lines of `stack BASE NEW` with the samples of each.").
		Default("table").EnumVar(&f.to, "table", "json", "collapsed")
	clause.Flag("normalise", "Remove from names what differs from build to build: numbers of lambdas and of "+
		"generated classes; the default except for collapsed.").Default("true").
		IsSetByUser(&f.chosen).BoolVar(&f.normalise)
	return func(ctx context.Context, c console) error {
		open := f.openFiles
		if f.episode != "" {
			open = f.openEpisode
		}
		if bad := f.wrongUsage(); bad != "" {
			return usageError{errors.New(bad)}
		}
		base, next, err := open(ctx, c)
		if err != nil {
			return err
		}
		report.WarnOfBoth(c.stderr, base, next)
		return report.WriteDiff(c.stdout, base, next, f.to, f.rename)
	}
}

// isNamed records that a page was given.
func (f *diffFlags) isNamed(page int) kingpin.Action {
	return func(*kingpin.ParseContext) error {
		f.named[page] = true
		return nil
	}
}

// wrongUsage says what is wrong with the command line; empty if nothing is.
func (f *diffFlags) wrongUsage() string {
	files := f.named[0] && f.named[1]
	switch {
	case f.episode != "" && f.named[0]:
		return "--episode selects both profiles (leave out the files)"
	case f.episode == "" && f.control:
		return "--control needs an episode (add --episode=ID)"
	case f.episode == "" && !files:
		return "two pages are needed (name both, or use --episode=ID)"
	case files && orDashed(f.base) == "-" && orDashed(f.next) == "-":
		return "standard input cannot be both profiles (name a file)"
	}
	return ""
}

func (f *diffFlags) openFiles(context.Context, console) (base, next report.Profile, err error) {
	if base, err = profilefile.Open(orDashed(f.base), ""); err == nil {
		next, err = profilefile.Open(orDashed(f.next), "")
	}
	return base, next, err
}

// openEpisode opens the two profiles from the pages beside the history.
func (f *diffFlags) openEpisode(ctx context.Context, c console) (base, next report.Profile, err error) {
	where, err := f.flags.standing(ctx, c)
	if err != nil {
		return base, next, err
	}
	if where.URL != "" {
		return base, next, usageError{errors.New("--episode needs the pages beside the history " +
			"(run it on the sidecar's machine, or download both pages from the episode's page and name the files)")}
	}
	return where.Profiles(ctx, f.episode, f.control)
}

// rename is the name of a frame in a comparison. Collapsed stacks are input for other
// programs, which get the names unchanged unless requested otherwise.
func (f *diffFlags) rename(name string) string {
	if f.normalise && (f.chosen || f.to != "collapsed") {
		return flame.Normal(name)
	}
	return name
}
