//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// testAudit stops the sidecar and holds its history against the truth: every
// seed that the source topic and the sinks really contain.
func testAudit(t *testing.T, s *stack, sc *sidecar) {
	require.NoError(t, sc.cmd.Process.Signal(syscall.SIGTERM))
	<-sc.exited

	store, err := history.Open(t.Context(), history.Config{Path: sc.history}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	probes := store.Probes()
	require.NoError(t, probes.Verify())
	totals, err := probes.Totals()
	require.NoError(t, err)
	records, err := probes.Recent(1 << 20)
	require.NoError(t, err)

	truth := readTruth(t, s)
	counted := map[string]map[episode.RecordOutcome]int64{}
	for _, record := range records {
		for _, at := range record.Sinks {
			if counted[at.Sink] == nil {
				counted[at.Sink] = map[episode.RecordOutcome]int64{}
			}
			counted[at.Sink][at.Outcome]++
			requireTrue(t, record, at, truth)
		}
	}
	for _, account := range totals {
		t.Logf("%-9s intended %d %v duplicates %d", account.Sink, account.Intended, account.Outcomes,
			account.Duplicates)
		require.True(t, account.Balanced(), "%+v", account)
		require.EqualValues(t, len(records), account.Intended, account.Sink)
		for _, outcome := range episode.RecordOutcomes() {
			require.Equal(t, counted[account.Sink][outcome], account.Outcomes[outcome], "%s %s: records and totals",
				account.Sink, outcome)
		}
	}
	requireNoStranger(t, records, truth)
}

// requireTrue holds one record's outcome at one sink against what is there.
func requireTrue(t *testing.T, record episode.ProbeRecord, at episode.AtSink, truth map[string]map[string]int) {
	t.Helper()
	there := truth[at.Sink][record.Seed] > 0
	switch at.Outcome {
	case episode.OnTime, episode.Late:
		require.True(t, there, "%s is %s at %s, but is not there", record.Seed, at.Outcome, at.Sink)
	case episode.Lost, episode.ProduceFailed:
		require.Equal(t, at.SeenAfter, there, "%s is %s at %s", record.Seed, at.Outcome, at.Sink)
	case episode.NotSent:
		// At one sink alone it means that this sink could not be watched: the archive is no directory yet.
		if unsent := func(a episode.AtSink) bool { return a.Outcome == episode.NotSent }; all(record.Sinks, unsent) {
			require.Zero(t, truth["source"][record.Seed], "%s is not_sent, but the source topic has it", record.Seed)
		}
	}
}

func all(sinks []episode.AtSink, holds func(episode.AtSink) bool) bool {
	return !slices.ContainsFunc(sinks, func(a episode.AtSink) bool { return !holds(a) })
}

// requireNoStranger fails for a seed that is somewhere but not in the probes:
// a record that was sent without being written down first.
func requireNoStranger(t *testing.T, records []episode.ProbeRecord, truth map[string]map[string]int) {
	t.Helper()
	known := map[string]bool{}
	for _, record := range records {
		known[record.Seed] = true
	}
	for place, seeds := range truth {
		for seed := range seeds {
			require.True(t, known[seed], "%s is in %s, but not in the probes", seed, place)
		}
	}
}

var seedPattern = regexp.MustCompile(`fsp-[0-9A-Z]{26}-[0-9]+`)

// readTruth returns, for the source and each sink, how often each seed is there.
func readTruth(t *testing.T, s *stack) map[string]map[string]int {
	t.Helper()
	return map[string]map[string]int{
		"source":   seedsInTopic(t, s, "orders"),
		"enriched": seedsInTopic(t, s, "orders-enriched"),
		"alerts":   seedsInTopic(t, s, "orders-alerts"),
		"search":   seedsInIndex(t, s),
		archive:    seedsInFiles(t, s.Archive),
	}
}

// seedsInFiles reads the files that are finished.
func seedsInFiles(t *testing.T, dir string) map[string]int {
	t.Helper()
	seeds := map[string]int{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.SplitSeq(string(text), "\n") {
			if seed := seedPattern.FindString(line); seed != "" {
				seeds[seed]++
			}
		}
		return err
	}))
	return seeds
}

func seedsInTopic(t *testing.T, s *stack, topic string) map[string]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(s.KafkaBrokers...), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	require.NoError(t, err)
	defer client.Close()
	ends, err := kadm.NewClient(client).ListEndOffsets(ctx, topic)
	require.NoError(t, err)
	left := map[int32]int64{}
	ends.Each(func(o kadm.ListedOffset) {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	})
	seeds := map[string]int{}
	for len(left) > 0 {
		fetches := client.PollFetches(ctx)
		require.NoError(t, fetches.Err0())
		fetches.EachRecord(func(r *kgo.Record) {
			if seed := seedPattern.Find(r.Value); seed != nil {
				seeds[string(seed)]++
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		})
	}
	return seeds
}

func seedsInIndex(t *testing.T, s *stack) map[string]int {
	t.Helper()
	seeds := map[string]int{}
	for after := ""; ; {
		body := `{"size":1000,"_source":["seed"],"query":{"prefix":{"seed":"fsp-"}},"sort":["seed"]}`
		if after != "" {
			body = fmt.Sprintf(`{"size":1000,"_source":["seed"],"query":{"prefix":{"seed":"fsp-"}},"sort":["seed"],"search_after":[%q]}`, after)
		}
		resp, err := get(t, s.Elasticsearch+"/orders/_search?source_content_type=application/json&source="+
			url.QueryEscape(body))
		require.NoError(t, err)
		var page struct {
			Hits struct {
				Hits []struct {
					Source struct{ Seed string } `json:"_source"`
				}
			}
		}
		err = json.NewDecoder(resp.Body).Decode(&page)
		resp.Body.Close()
		require.NoError(t, err)
		if len(page.Hits.Hits) == 0 {
			return seeds
		}
		for _, hit := range page.Hits.Hits {
			after = hit.Source.Seed
			seeds[after]++
		}
	}
}
