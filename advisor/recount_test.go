package advisor

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// recounted counts slowly and by other means than the rules: it looks at each stack as text.
type recounted struct{ work, holds, self int64 }

// recount counts the samples of task threads at work, and those that hold a frame.
func recount(p evidence.Profile, frame string) (c recounted) {
	frame = strings.ReplaceAll(frame, "/", ".")
	for stack, n := range p.Stacks {
		text := strings.ReplaceAll(strings.Join(stack, ";"), "/", ".")
		at := atTask(text)
		if at < 0 || strings.Contains(text, "processMailsWhenDefaultActionUnavailable;"+
			"org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take") {
			continue
		}
		frames := strings.Split(text[at:], ";")
		c.work += n
		if slices.Contains(frames, frame) {
			c.holds += n
		}
		if frames[len(frames)-1] == frame {
			c.self += n
		}
	}
	return c
}

// atTask is where a stack enters a task; threads beside the tasks have names of their own.
func atTask(text string) int {
	for _, root := range []string{
		"org.apache.flink.runtime.taskmanager.Task.", "org.apache.flink.streaming.runtime.tasks.StreamTask.",
		"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop",
	} {
		if at := strings.Index(text, root); at >= 0 {
			return at
		}
	}
	return -1
}

var isIn = regexp.MustCompile(`(\S+) is in (\d+) of (\d+) samples of task threads at work`)

// recountAdvice holds every number about a frame in an advice against the one profile of a
// bundle, and returns how many sentences it recounted.
func recountAdvice(t *testing.T, p evidence.Profile, adv episode.Advice) (sentences int) {
	t.Helper()
	texts := append(slices.Clone(adv.Observations), adv.Warnings...)
	for _, f := range adv.Findings {
		texts = append(texts, f.Title, f.Why)
	}
	for _, e := range adv.Evidence {
		texts = append(texts, e.Text)
		if e.Samples == nil {
			continue
		}
		c := recount(p, e.Subject)
		require.Equal(t, c.holds, *e.Samples, "samples of %s", e.Subject)
		require.Equal(t, c.self, *e.Self, "self of %s", e.Subject)
		require.Equal(t, c.work, *e.Of, "samples of task threads at work")
		require.Equal(t, p.Mode, e.Mode)
		require.InDelta(t, float64(c.holds)/float64(c.work), *e.Value, 1e-12)
		if e.Text[:5] == "self " {
			require.Contains(t, e.Text, fmt.Sprintf("self %d, total %d of %d samples", c.self, c.holds, c.work))
			sentences++
		}
	}
	for _, text := range texts {
		for _, m := range isIn.FindAllStringSubmatch(text, -1) {
			c := recount(p, m[1])
			require.Equal(t, []string{strconv.FormatInt(c.holds, 10), strconv.FormatInt(c.work, 10)}, m[2:], text)
			sentences++
		}
	}
	return sentences
}

// TestEveryNumberRecounts has the recorded profiles and two hundred generated ones, in which
// frames of known causes stand above and below each other.
func TestEveryNumberRecounts(t *testing.T) {
	sentences := 0
	for _, name := range []string{"flink-1.20.5-tm-ITIMER", "flink-2.3.0-tm-ITIMER", "flink-2.3.0-tm-WALL"} {
		p := recorded(t, name, name[strings.LastIndex(name, "-")+1:])
		sentences += recountAdvice(t, p, Rules(evidence.Bundle{Profiles: []evidence.Profile{p}}))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		p := evidencetest.Tasks(t, "ITIMER", generatedStacks(random)...)
		sentences += recountAdvice(t, p, Rules(evidence.Bundle{Profiles: []evidence.Profile{p}}))
	}
	require.Greater(t, sentences, 1000)
	t.Logf("%d sentences recounted", sentences)
}

// generatedStacks are stacks of frames of known causes, of user code and of the JDK.
func generatedStacks(random *rand.Rand) []any {
	frames := []string{
		"com/esotericsoftware/kryo/Kryo.writeObject", "com/esotericsoftware/kryo/Kryo.readObject",
		"java/lang/String.format", "java/util/Formatter.<init>", "java/util/Formatter.format",
		"java/lang/String.replaceAll", "java/util/regex/Pattern.compile", "java/util/regex/Matcher.find",
		"com/fasterxml/jackson/databind/ObjectMapper.readTree", "com/fasterxml/jackson/databind/ObjectMapper.<init>",
		"com/fasterxml/jackson/databind/ObjectReader.readValue", "java/text/SimpleDateFormat.format",
		"com/acme/orders/Enrich.hash", "com/acme/orders/Enrich.join", "java/util/HashMap.get",
		"sun/security/provider/MD5.implCompress0", "org/rocksdb/RocksDB.get", "java/lang/Long.valueOf",
	}
	pairs := evidencetest.Flat(100 + random.IntN(400))
	for range 3 + random.IntN(12) {
		var stack []string
		for range 1 + random.IntN(5) {
			stack = append(stack, frames[random.IntN(len(frames))])
		}
		pairs = append(pairs, strings.Join(stack, ";"), 1+random.IntN(120))
	}
	return append(pairs, "!java/lang/Thread.run;com/esotericsoftware/kryo/Kryo.writeObject", random.IntN(300))
}
