package flame

import (
	"fmt"
	"iter"
	"strings"
)

// Grade says how reliable a profile is.
type Grade string

// The grades, from best to worst.
const (
	Good Grade = "good"
	Poor Grade = "poor" // usable, but see the reasons
	Bad  Grade = "bad"  // says nothing about the program
)

// Quality says how reliable a profile is, and why.
type Quality struct {
	Grade Grade `json:"grade"`
	// Samples is the total, in Unit.
	Samples int64 `json:"samples"`
	// Unit is the unit of the counts as in [Tree.Unit]; empty means samples.
	Unit string `json:"unit,omitempty"`
	// Unknown, Broken and Rootless are shares of the samples, between 0 and 1; a sample
	// counts in one of them at most. Unknown: the top frame has no name. Broken: the
	// profiler could not walk the stack. Rootless: the frames between the start of the
	// thread and its Java code are missing, for example interpreted frames.
	Unknown  float64 `json:"unknown"`
	Broken   float64 `json:"broken"`
	Rootless float64 `json:"rootless"`
	// Reasons say why the grade is not good. Each ends in what to do.
	Reasons []string `json:"reasons"`
}

// Limits of the grades, in samples and in shares of the samples. With 200 samples, a
// measured share of 10 % is within about 4 percentage points of the true share. With 20
// samples it only excludes a true share of 40 %.
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

// QualityOf judges a profile by its stacks, root first, with their self samples. The
// iterator may reuse the slice. The size of the counts decides whether they are samples.
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

// judgeHidden accepts no share above 0: if frames are omitted, other frames may have too
// many self samples, and it is not known how many (see gap).
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

// mark lowers the grade to g; it never raises it.
func (q *Quality) mark(g Grade) {
	if q.Grade != Bad {
		q.Grade = g
	}
}

// IsJava reports whether a frame's name is the name of a Java method, for example
// java/lang/Thread.run or Job.main. It is false for native code, for placeholders, and for
// classes, which are the top frames in ALLOC and LOCK profiles.
func IsJava(name string) bool {
	dot := strings.LastIndexByte(name, '.')
	if dot <= 0 || name[0] == '/' || name[0] == '[' || strings.ContainsAny(name, " ():") {
		return false
	}
	class := name[:dot]
	return strings.Contains(class, "/") || class[0] >= 'A' && class[0] <= 'Z' && !strings.Contains(class, ".")
}
