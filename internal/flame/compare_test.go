package flame

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func noCategory(string) string { return "other" }

func asItIs(name string) string { return name }

func alignedText(t *testing.T, pair Alignment) string {
	t.Helper()
	var text bytes.Buffer
	require.NoError(t, pair.WriteCollapsed(&text))
	return text.String()
}

func TestAlign(t *testing.T) {
	base := tree(t, "run;a$$Lambda$1/0x2.b;c 3", "run;a$$Lambda$9/0x4.b;c 2", "run;gone 4", " 1")
	next := tree(t, "run;a$$Lambda$7/0x8.b;c 6", "run;new 5", "run 1")
	require.Equal(t, ` 1 0
run 0 1
run;a$$Lambda.b;c 5 6
run;gone 4 0
run;new 0 5
`, alignedText(t, Align(base, next, Normal)))

	pair := Align(base, next, asItIs)
	require.Equal(t, " 1 0\nrun 0 1\nrun;a$$Lambda$1/0x2.b;c 3 0\nrun;a$$Lambda$7/0x8.b;c 0 "+
		"6\nrun;a$$Lambda$9/0x4.b;c 2 0\nrun;gone 4 0\nrun;new 0 5\n", alignedText(t, pair))
	require.Equal(t, collapse(t, base), collapse(t, pair.Base))
	require.Equal(t, collapse(t, next), collapse(t, pair.New))
	require.Equal(t, base.Frames(), pair.Base.Frames())
}

// Any two of the pages are aligned, and no sample is lost.
func TestAlignKeepsEverySample(t *testing.T) {
	old, newer := readFile(t, "testdata/flink/flink-1.20.5-tm-ITIMER.html").
		Tree, readFile(t, "testdata/pairs/4.4-ITIMER.html").Tree
	for _, pages := range [][2]*Tree{{old, newer}, {newer, old}, {old, old}} {
		pair := Align(pages[0], pages[1], asItIs)
		require.Equal(t, collapse(t, pages[0]), collapse(t, pair.Base))
		require.Equal(t, collapse(t, pages[1]), collapse(t, pair.New))
		normal := Align(pages[0], pages[1], Normal)
		require.Equal(t, pages[0].Total(), normal.Base.Total())
		require.Equal(t, pages[1].Total(), normal.New.Total())
	}
}

func TestCompare(t *testing.T) {
	base := tree(t, "run;parse 600", "run;regex 300", "run;old 98", "run;rare 2")
	next := tree(t, "run;parse 1200", "run;regex 200", "run;fresh 599", "run;rarer 1")
	comparison, err := Align(base, next, Normal).Compare(noCategory)
	require.NoError(t, err)
	require.EqualValues(t, 1000, comparison.Base)
	require.EqualValues(t, 2000, comparison.New)
	require.Equal(t, 5, comparison.Compared,
		"run's total, and parse, regex, old and fresh, whose self and total are the same samples")

	found := map[string]Verdict{}
	for _, frame := range comparison.Frames {
		found[frame.Name] = frame.Self.Verdict
	}
	require.Equal(t, map[string]Verdict{
		"parse": Unchanged, "run": Unchanged, "regex": Shrunk, "old": Gone,
		"fresh": Appeared, "rare": Unchanged, "rarer": Unchanged,
	}, found,
		"twice the load is not a change, and two samples that disappear are not one either")
	require.Equal(t, "fresh", comparison.Frames[0].Name)
	// Newcombe's interval of 599/2000 - 0/1000 with z = 2.5758, for 5 % divided by five tests.
	text, err := json.Marshal(comparison.Frames[0])
	require.NoError(t, err)
	require.JSONEq(t, `{"name":"fresh","category":"other",
		"self":{"base":0,"new":599,"base_percent":0,"new_percent":29.95,"points":29.95,"low":27.2984,"high":32.6509,"verdict":"new"},
		"total":{"base":0,"new":599,"base_percent":0,"new_percent":29.95,"points":29.95,"low":27.2984,"high":32.6509,"verdict":"new"}}`, string(text))
}

// A sample counts once for a method that occurs twice on its stack.
func TestCompareCountsRecursionOnce(t *testing.T) {
	base := tree(t, "run;walk;walk;leaf 50", "run;other 50")
	next := tree(t, "run;walk;walk;walk;walk;leaf 50", "run;other 50")
	comparison, err := Align(base, next, Normal).Compare(noCategory)
	require.NoError(t, err)
	require.Zero(t, verdicts(comparison))
	for _, frame := range comparison.Frames {
		require.Zero(t, frame.Total.Points, frame.Name)
	}
}

func TestTheSameProfileDoesNotDiffer(t *testing.T) {
	page := readFile(t, "testdata/flink/flink-2.3.0-tm-ITIMER.html").Tree
	comparison, err := Align(page, page, Normal).Compare(noCategory)
	require.NoError(t, err)
	require.Zero(t, verdicts(comparison))
}

func TestCompareNeedsSamples(t *testing.T) {
	_, err := Align(New(), tree(t, "a 1"), Normal).Compare(noCategory)
	require.ErrorIs(t, err, ErrNoShares)
}

func TestOnly(t *testing.T) {
	made := tree(t, "run;a 1", "run;b 2", "run 4", " 8")
	kept := made.Only(func(stack []string) bool { return len(stack) == 2 && stack[1] == "b" })
	require.Equal(t, "run;b 2\n", collapse(t, kept))
	require.EqualValues(t, 15, made.Total())
}

func TestQuality(t *testing.T) {
	for name, test := range map[string]struct {
		stacks  []string
		grade   Grade
		reasons string
	}{
		"good": {[]string{
			"java/lang/Thread.run;a/B.c 150", "Job.main;a/B.c 30", "start_thread;x 19",
			"[unknown];/lib/java;Job.main 1",
		}, Good, ""},
		"poor":  {[]string{"java/lang/Thread.run 199"}, Poor, "only 199 samples (profile for longer, or under load)"},
		"bad":   {[]string{"java/lang/Thread.run 19"}, Bad, "only 19 samples (profile for longer, or under load)"},
		"empty": {[]string{"a 0"}, Bad, "only 0 samples (profile for longer, or under load)"},
		"unknown": {[]string{
			"x;[unknown] 100", " 101",
			"x 199",
		}, Bad, "50 % of the samples have no name on top of the stack (install debug symbols of the JDK)"},
		"not walked": {[]string{
			"[not_walkable_Java];Interpreter 100", "[break_stack_range];a/B.c 1",
			"x 399",
		}, Poor, "20 % of the samples have a stack that could not be walked " +
			"(profile in another mode, or after the job has warmed up)"},
		"rootless": {[]string{"a/B.c;a/B.d 100", "x 100"}, Poor, "50 % of the samples lack the frames between " +
			"their thread and their Java code (profile after the job has warmed up)"},
		"two faults": {[]string{"a/B.c 20", "x 10"}, Bad, "only 30 samples (profile for longer, or under load); " +
			"67 % of the samples lack the frames between their thread and their Java code " +
			"(profile after the job has warmed up)"},
	} {
		t.Run(name, func(t *testing.T) {
			judged := tree(t, test.stacks...)
			q := judged.Quality()
			require.Equal(t, q, QualityOf(judged.Stacks()))
			require.Equal(t, test.reasons, strings.Join(q.Reasons, "; "))
			require.Equal(t, test.grade, q.Grade)
		})
	}
}

// A profile of half a minute from Flink's own profiler is good, except for an idle
// JobManager.
func TestQualityOfFlinksPages(t *testing.T) {
	entries, err := os.ReadDir("testdata/flink")
	require.NoError(t, err)
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".html") {
			continue
		}
		want := Good
		if strings.Contains(entry.Name(), "-jm-") {
			want = Poor
		}
		tree := readFile(t, "testdata/flink/"+entry.Name()).Tree
		require.Equal(t, want, tree.Quality().Grade, entry.Name())
		require.Equal(t, tree.Quality(), QualityOf(tree.Stacks()), entry.Name())
	}
}

func TestIsJava(t *testing.T) {
	for name, want := range map[string]bool{
		"java/lang/Thread.run": true, "Job.main": true, "StreamExecCalc$12.processElement": true, "a/B.<init>": true,
		"java.util.HashMap$Node": false, "byte[]": false, "[unknown_Java]": false, "/usr/lib/libc.so.6": false,
		"libjvm.so":          false,
		"Thread::call_run()": false, "operator new(unsigned long)": false, "finish_task_switch.isra.0": false,
		".x": false, "": false,
	} {
		require.Equal(t, want, IsJava(name), name)
	}
}
