package sharding

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

const (
	// silentFor is the time without a report after which a process is lost: it reports every
	// half second.
	silentFor = 30 * time.Second
	// lead is the time from the moment at which all are ready until an iteration begins. Each
	// process learns of it within half a second.
	lead = 2 * time.Second
	// maxGroups bounds the tests that are kept, with those that have ended.
	maxGroups = 8
	// MaxShards bounds the processes of one test.
	MaxShards = 64
	// maxIterations bounds the slices of one process.
	maxIterations = 400
)

// Groups are the tests that several processes send together. Its methods may be called
// concurrently.
type Groups struct {
	store func(scalerun.Test) error
	now   func() time.Time

	mu     sync.Mutex // protects groups
	groups []*group   // the newest last
}

// NewGroups returns groups whose merged tests go to store.
func NewGroups(store func(scalerun.Test) error) *Groups {
	return &Groups{store: store, now: time.Now}
}

// Errors of a report. ErrInvalid is about the report itself, ErrTaken about a shard that
// another process already sends.
var (
	ErrInvalid = errors.New("the report of a shard is not complete")
	ErrTaken   = errors.New("another process already sends this shard")
)

// Report takes the state of a process and returns that of its group. Repeating a report
// changes nothing.
func (g *Groups) Report(s scalerun.Shard) (scalerun.Group, error) {
	if s.Shards < 2 || s.Shards > MaxShards || s.Shard < 0 || s.Shard >= s.Shards || s.Member == "" {
		return scalerun.Group{}, fmt.Errorf("%w: shard %d of %d (use --shards from 2 to %d, and --shard from 0)",
			ErrInvalid, s.Shard, s.Shards, MaxShards)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	of, err := g.find(s)
	if err != nil {
		return scalerun.Group{}, err
	}
	now := g.now()
	of.take(s, now)
	of.watch(now)
	if of.merged == nil && of.over() {
		test, err := of.merge(now)
		if err == nil && len(test.Iterations) > 0 {
			err = g.store(test) // a test without a number would open a run
		}
		if err != nil {
			return scalerun.Group{}, err
		}
		of.merged = &test
	}
	return of.answer(s, now), nil
}

// find returns the group of a process, a new one if there is none for it.
func (g *Groups) find(s scalerun.Shard) (*group, error) {
	for _, of := range slices.Backward(g.groups) {
		if of.member(s) {
			return of, nil
		}
	}
	now := g.now()
	for _, of := range slices.Backward(g.groups) {
		if !of.open(s, now) {
			continue
		}
		if of.members[s.Shard] != nil && of.iteration > 0 {
			return nil, fmt.Errorf("%w: shard %d of the test %q (wait for its end, or give each process its own --shard)",
				ErrTaken, s.Shard, s.Label)
		}
		return of, nil
	}
	of := newGroup(s)
	g.groups = append(g.groups, of)
	g.groups = g.groups[max(0, len(g.groups)-maxGroups):]
	return of, nil
}

// group is one test.
type group struct {
	test string
	// of is the first report: what all reports have in common.
	of      scalerun.Shard
	members []*member // by shard; nil has not joined
	// iteration is the round that was begun last, at begin.
	iteration int
	begin     time.Time
	failed    string
	merged    *scalerun.Test
	// measured are the merged rounds, by number.
	measured      map[int]scalerun.Iteration
	profilesTaken bool
}

// member is one process.
type member struct {
	last   scalerun.Shard // without its slice
	at     time.Time
	begun  *scalerun.Test
	slices []scalerun.Slice
}

func newGroup(s scalerun.Shard) *group {
	return &group{test: ulid.Make().String(), of: s, members: make([]*member, s.Shards), measured: map[int]scalerun.Iteration{}}
}

// member reports whether the process belongs to the group.
func (g *group) member(s scalerun.Shard) bool {
	return s.Shard < len(g.members) && g.members[s.Shard] != nil && g.members[s.Shard].last.Member == s.Member
}

// open reports whether the process may join: the test is the same one, and under way.
func (g *group) open(s scalerun.Shard, now time.Time) bool {
	g.watch(now)
	return g.failed == "" && !g.over() && g.of.Cluster == s.Cluster && g.of.Job == s.Job && g.of.Label == s.Label && g.of.Load == s.Load &&
		g.of.Shards == s.Shards
}

// take stores a report.
func (g *group) take(s scalerun.Shard, now time.Time) {
	m := g.members[s.Shard]
	if m == nil || m.last.Member != s.Member {
		m = &member{}
		g.members[s.Shard] = m
	}
	if s.Slice != nil && len(m.slices) < maxIterations && !m.has(s.Slice.Round) {
		m.slices = append(m.slices, *s.Slice)
	}
	if s.Begun != nil {
		m.begun = s.Begun
	}
	s.Slice, s.Begun = nil, nil
	m.last, m.at = s, now
	g.profilesTaken = g.profilesTaken || s.ProfilesTaken
	if s.Error != "" && g.failed == "" {
		g.failed = fmt.Sprintf("shard %d: %s", s.Shard, s.Error)
	}
	if g.failed == "" && len(g.waiting()) == 0 && s.Ready > g.iteration {
		g.iteration, g.begin = s.Ready, now.Add(lead)
	}
}

func (m *member) has(round int) bool {
	return slices.ContainsFunc(m.slices, func(s scalerun.Slice) bool { return s.Round == round })
}

// watch fails the group if a process is lost after the test has begun. Before that, it may
// join again.
func (g *group) watch(now time.Time) {
	for shard, m := range g.members {
		if m == nil || m.last.Ended || now.Sub(m.at) <= silentFor {
			continue
		}
		if g.iteration == 0 {
			g.members[shard] = nil
		} else if g.failed == "" {
			g.failed = fmt.Sprintf("shard %d did not report for %s (start all of them again)", shard, silentFor)
		}
	}
}

// over reports whether nothing more comes: all have ended, or those that can have.
func (g *group) over() bool {
	joined := false
	for _, m := range g.members {
		switch {
		case m != nil && !m.last.Ended && (g.failed == "" || !g.lost(m)):
			return false
		case m == nil && g.failed == "":
			return false
		case m != nil:
			joined = true
		}
	}
	return joined
}

// lost reports whether a process is older than the newest report by more than silentFor.
func (g *group) lost(m *member) bool {
	for _, other := range g.members {
		if other != nil && other.at.Sub(m.at) > silentFor {
			return true
		}
	}
	return false
}

// waiting are the shards that are not ready for the next iteration, or have not ended.
func (g *group) waiting() (missing []int) {
	for shard, m := range g.members {
		if m == nil || m.last.Ready <= g.iteration {
			missing = append(missing, shard)
		}
	}
	return missing
}

// without are the shards that have not handed over a round.
func (g *group) without(round int) (missing []int) {
	for shard, m := range g.members {
		if m == nil || !m.has(round) {
			missing = append(missing, shard)
		}
	}
	return missing
}

// measure merges a round when every shard has handed it over; nil before. A round that can't be
// merged fails the group.
func (g *group) measure(round int) *scalerun.Iteration {
	if it, done := g.measured[round]; done {
		return &it
	}
	if round == 0 || len(g.without(round)) > 0 {
		return nil
	}
	it, err := figures.MergeIteration(g.slicesOf(round))
	if err != nil {
		g.failed = cmp.Or(g.failed, err.Error())
		return nil
	}
	g.measured[round] = it
	return &it
}

// answer is the state of the group, as one process needs it.
func (g *group) answer(s scalerun.Shard, now time.Time) scalerun.Group {
	measured := g.measure(s.Took)
	out := scalerun.Group{
		Test: g.test, Missing: []int{}, Failed: g.failed, Merged: g.merged, Measured: measured,
		ProfilesTaken: g.profilesTaken,
	}
	switch {
	case s.Took > 0 && measured == nil && !s.Ended:
		out.Missing = append(out.Missing, g.without(s.Took)...)
	case s.Ended:
		for shard, m := range g.members {
			if m == nil || !m.last.Ended {
				out.Missing = append(out.Missing, shard)
			}
		}
	case s.Ready > 0 && s.Ready == g.iteration:
		left := g.begin.Sub(now).Seconds()
		out.BeginsInSeconds = &left
	case s.Ready > 0:
		out.Missing = append(out.Missing, g.waiting()...)
	}
	return out
}
