package flame

import (
	"fmt"
	"iter"
	"strings"
)

// Grade says how far a profile can be trusted.
type Grade string

// The grades, from best to worst.
const (
	Good Grade = "good"
	Poor Grade = "poor" // to be read with the reasons in mind
	Bad  Grade = "bad"  // says nothing about the program
)

// Quality is the verdict on a profile, before anything is concluded from it.
type Quality struct {
	Grade Grade `json:"grade"`
	// Samples is the total, in Unit.
	Samples int64 `json:"samples"`
	// Unit is that of the counts where they are not samples, as in [Tree.Unit];
	// otherwise it is empty.
	Unit string `json:"unit,omitempty"`
	// Unknown is the share of samples without a name on top of the stack, Broken
	// of those whose stack the profiler gave up, Rootless of those whose Java
	// frames don't reach down to where a thread begins, as when interpreted
	// frames are missing. They are between 0 and 1 and exclude each other.
	Unknown  float64 `json:"unknown"`
	Broken   float64 `json:"broken"`
	Rootless float64 `json:"rootless"`
	// Reasons are why the grade is not good, each ending in what to do.
	Reasons []string `json:"reasons"`
}

// What the grades depend on. With 200 samples a share of 10 % is known to within
// about 4 points on either side, with 20 only that it is not 40 %.
const (
	badSamples  = 20
	poorSamples = 200
	badShare    = 0.5
	poorShare   = 0.1
)

// Quality judges the profile.
func (t *Tree) Quality() Quality {
	traits := make([]frameTraits, len(t.names))
	for id, name := range t.names {
		traits[id] = traitsOf(name)
	}
	var c qualityCount
	stacks := make([]stackTraits, len(t.nodes)) // by node, of the stack that ends there
	c.add(stacks[root], t.self[root])
	for i, n := range t.nodes[1:] {
		stacks[i+1] = stacks[n.parent].with(traits[n.name])
		c.add(stacks[i+1], t.self[i+1])
	}
	return c.judge(t.unit)
}

// QualityOf judges a profile by its stacks, root first, with their self samples. Each
// slice is looked at before the next one is asked for. Whether the counts are samples
// is judged by their size.
func QualityOf(stacks iter.Seq2[[]string, int64]) Quality {
	known := map[string]frameTraits{}
	var c qualityCount
	for stack, samples := range stacks {
		var s stackTraits
		for _, frame := range stack {
			traits, ok := known[frame]
			if !ok {
				traits = traitsOf(frame)
				known[frame] = traits
			}
			s = s.with(traits)
		}
		c.add(s, samples)
	}
	unit := ""
	if c.tooLarge() {
		unit = unitUnknown
	}
	return c.judge(unit)
}

func (c *qualityCount) judge(unit string) Quality {
	q := Quality{Grade: Good, Samples: c.total, Unit: unit, Reasons: []string{}}
	all := float64(max(1, c.total))
	q.Unknown, q.Broken, q.Rootless = float64(c.unknown)/all, float64(c.broken)/all, float64(c.rootless)/all
	q.judgeUnit()
	q.judgeSamples()
	q.judgeHidden(float64(c.hidden) / all)
	q.judgeShare(q.Unknown, "have no name on top of the stack (install debug symbols of the JDK)")
	q.judgeShare(q.Broken,
		"have a stack that could not be walked (profile in another mode, or after the job has warmed up)")
	q.judgeShare(q.Rootless,
		"lack the frames between their thread and their Java code (profile after the job has warmed up)")
	return q
}

func (q *Quality) judgeUnit() {
	if q.Unit == "" {
		return
	}
	q.mark(Poor)
	q.Reasons = append(q.Reasons,
		fmt.Sprintf("counts that are %s instead of samples (take the profile without --total)", inWords(q.Unit)))
}

// judgeHidden takes any share: which of the samples of a frame's omitted children
// were counted as its own is not known.
func (q *Quality) judgeHidden(share float64) {
	if share == 0 {
		return
	}
	q.mark(Poor)
	q.Reasons = append(q.Reasons, fmt.Sprintf(
		"%.1f %% of the samples are in frames that the page omits (take the profile without --minwidth)", share*100))
}

func (q *Quality) judgeSamples() {
	if q.Unit != "" {
		return
	}
	switch {
	case q.Samples < badSamples:
		q.mark(Bad)
	case q.Samples < poorSamples:
		q.mark(Poor)
	default:
		return
	}
	q.Reasons = append(q.Reasons, fmt.Sprintf("only %d samples (profile for longer, or under load)", q.Samples))
}

func (q *Quality) judgeShare(share float64, what string) {
	switch {
	case share > badShare:
		q.mark(Bad)
	case share > poorShare:
		q.mark(Poor)
	default:
		return
	}
	q.Reasons = append(q.Reasons, fmt.Sprintf("%.0f %% of the samples %s", share*100, what))
}

// mark makes the grade no better than g.
func (q *Quality) mark(g Grade) {
	if q.Grade != Bad {
		q.Grade = g
	}
}

// IsJava reports whether a frame's name is that of a Java method, as
// java/lang/Thread.run or Job.main, and not native, a placeholder or, as on top of
// the stacks of ALLOC and LOCK, a class.
func IsJava(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || name[0] == '/' || name[0] == '[' || strings.ContainsAny(name, " ():") {
		return false
	}
	class := name[:dot]
	return strings.Contains(class, "/") || class[0] >= 'A' && class[0] <= 'Z' && !strings.Contains(class, ".")
}
