package scaletest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// Plan is what a person asks for.
type Plan struct {
	// Label names the change that is tested.
	Label string
	// Baseline opens a run. Run names one; empty is the newest of the job.
	Baseline bool
	Run      string
	// Iterations is the number of measured iterations, Records that of the records of
	// each; 0 records grow until an iteration is long enough.
	Iterations int
	Records    int
	// Rate is the records per second; 0 is as fast as possible.
	Rate  float64
	Shape string
	// FindSustainable searches for the highest rate that the job sustains.
	FindSustainable bool
	// Repeat is how many times it searches; 0 is once.
	Repeat int
	// Modes are Flink's names of the modes to profile in, after the measured iterations, or
	// with ProfileDuring in the last of them. With Advise and no modes the configured ones
	// are taken.
	Modes         []string
	ProfileDuring bool
	// Advise asks for advice about the profiles.
	Advise bool
	// Shards is the number of processes that send the test together, Shard the number of this
	// one, from 0. Records, Rate and MaxRecords are those of all together. 0 and 1 shards are
	// this process alone.
	Shards, Shard int
	// PayloadSeed fixes what Int gives to the template; 0 is a seed like any other.
	PayloadSeed uint64
	// MaxRecords bounds the records of Tests together, which get equal shares; 0 tests are one.
	MaxRecords int
	Tests      int
	// IKnow permits a test on a cluster that is production.
	IKnow bool
	// Strict refuses an environment that differs from that of the baseline.
	Strict bool
}

// The defaults and bounds of a plan.
const (
	DefaultIterations = 5
	DefaultMaxRecords = 1_000_000
	// maxRecords is the most records of one iteration: a seed has seven digits for them.
	maxRecords    = 10_000_000
	maxIterations = 200
	maxLabel      = 200
	maxShards     = 64
	maxSearches   = 20
)

// Validate returns what is wrong with the plan; nil if nothing is.
func (p *Plan) Validate() error {
	label := strings.TrimSpace(p.Label)
	switch {
	case label == "":
		return errors.New("--label is missing (name the change that is tested, for example --label=baseline)")
	case len(label) > maxLabel || strings.ContainsFunc(label, isControl):
		return fmt.Errorf("--label must be one line of at most %d bytes (shorten it)", maxLabel)
	case len(p.Run) > maxLabel || strings.ContainsFunc(p.Run, isControl):
		return fmt.Errorf("--run must be one line of at most %d bytes (shorten it)", maxLabel)
	case p.Iterations < 1 || p.Iterations > maxIterations:
		return fmt.Errorf("--iterations=%d is not from 1 to %d (choose a number in between)", p.Iterations, maxIterations)
	case p.Records < 0 || p.Records > maxRecords:
		return fmt.Errorf("--records=%d is not from 1 to %d (choose a number in between, or auto)", p.Records, maxRecords)
	case !(p.Rate >= 0) || math.IsInf(p.Rate, 0):
		return fmt.Errorf("--rate=%g is not a rate (use 0 for as fast as possible)", p.Rate)
	case !slices.Contains(load.Shapes(), p.Shape):
		return fmt.Errorf("--shape=%s is unknown (use %s)", p.Shape, strings.Join(load.Shapes(), ", "))
	case p.Shape != load.Steady && p.Rate == 0:
		return fmt.Errorf("--shape=%s needs a rate (add --rate=R)", p.Shape)
	case p.FindSustainable && p.Shape != load.Steady:
		return errors.New("--find-sustainable chooses the rate itself, which is steady (remove --shape)")
	case p.Repeat < 0 || p.Repeat > maxSearches:
		return fmt.Errorf("--repeat=%d is not from 1 to %d (choose a number in between)", p.Repeat, maxSearches)
	case p.Repeat > 1 && !p.FindSustainable:
		return errors.New("--repeat is about the search (add --find-sustainable; --iterations repeats a measurement)")
	case p.ProfileDuring && !p.Profiles():
		return errors.New("--profile-during takes no profile without a mode (add --modes=ITIMER)")
	case p.ProfileDuring && p.FindSustainable:
		return errors.New("--profile-during would change the limit that --find-sustainable searches (leave it out: the " +
			"profiles are taken afterwards, at the rate that was found)")
	case p.MaxRecords < 1:
		return fmt.Errorf("--max-records=%d allows no record (raise it)", p.MaxRecords)
	case p.Records*p.rounds() > p.limit():
		return fmt.Errorf("%d %s of %d records%s are more than --max-records=%d (lower one, or raise the limit)",
			p.rounds(), p.what(), p.Records, p.times(), p.MaxRecords)
	}
	return p.validateShards()
}

// searches is how many times the sustainable rate is searched for.
func (p *Plan) searches() int { return max(1, p.Repeat) }

// rounds is how many rounds a test needs at least. A search finds nothing with fewer than two trials.
func (p *Plan) rounds() int {
	if p.FindSustainable {
		return 2 * p.searches()
	}
	return p.Iterations
}

// what a round is.
func (p *Plan) what() string {
	if p.FindSustainable {
		return "trials"
	}
	return "iterations"
}

// limit is the most records of one of the tests.
func (p *Plan) limit() int { return p.MaxRecords / max(1, p.Tests) }

// times says on how many deployments a test runs, if there are several.
func (p *Plan) times() string {
	if p.Tests <= 1 {
		return ""
	}
	return fmt.Sprintf(", on each of %d deployments,", p.Tests)
}

// Sharded reports whether other processes send a part of the test.
func (p *Plan) Sharded() bool { return p.Shards > 1 }

func (p *Plan) validateShards() error {
	switch {
	case p.Shards < 0 || p.Shards > maxShards:
		return fmt.Errorf("--shards=%d is not from 1 to %d (choose a number in between)", p.Shards, maxShards)
	case p.Shard < 0 || p.Shard >= max(1, p.Shards):
		return fmt.Errorf("--shard=%d is not one of %d shards (they count from 0)", p.Shard, max(1, p.Shards))
	case !p.Sharded():
		return nil
	case p.Records > 0 && p.Records < p.Shards:
		return fmt.Errorf("--records=%d leaves some of %d shards without a record (raise it, or use auto)",
			p.Records, p.Shards)
	case p.FindSustainable:
		return errors.New("--find-sustainable runs in one process: each shard knows only its part of the backlog " +
			"(leave out --shards)")
	}
	return nil
}

// Profiles reports whether profiles are asked for.
func (p *Plan) Profiles() bool { return len(p.Modes) > 0 || p.Advise }

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// load describes what is sent, for people.
func (p *Plan) load(n int, rate float64) string {
	if rate == 0 {
		return fmt.Sprintf("%d records as fast as possible", n)
	}
	return fmt.Sprintf("%d records at %s", n, load.Schedule{Shape: p.Shape, Rate: rate, N: n})
}

// longEnough is how long an iteration must last so that neither the refresh of an index nor
// the start of the iteration dominates it.
func longEnough(refresh time.Duration) time.Duration {
	return max(minLength, refreshes*refresh)
}

const (
	minLength = 5 * time.Second
	refreshes = 30
)
