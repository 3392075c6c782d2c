package collector

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// wantedOf returns the wanted entries of names, as a listing gives them.
func wantedOf(names ...string) []metricnames.Wanted { return metricnames.NewIndex(nil).Select(names) }

func namesOf(wanted []metricnames.Wanted) (names []string) {
	for _, w := range wanted {
		names = append(names, w.Name)
	}
	return names
}

func TestCatalogueListsEverMoreRarely(t *testing.T) {
	listings := func(c *vertexMetrics, wanted []metricnames.Wanted) (polls []int) {
		for poll := 1; poll < 400; poll++ {
			if c.due(poll) {
				polls = append(polls, poll)
				c.learn(wanted, poll)
			}
		}
		return polls
	}
	require.Equal(t, []int{1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 320, 384},
		listings(&vertexMetrics{}, wantedOf(metricnames.BusyTime)), "for metrics that appear late")
}

func TestCatalogueHears(t *testing.T) {
	at := time.Unix(100, 0)
	var c vertexMetrics
	c.learn(wantedOf(metricnames.BusyTime, metricnames.IdleTime, metricnames.BackpressuredTime), 1)
	c.heard(0, flink.Aggregates{metricnames.BusyTime: {Sum: 3}}, at, 1, true)
	require.Equal(t, []string{metricnames.BusyTime}, namesOf(c.wanted()),
		"an answer halved to the end tells which names are bad")
	require.Equal(t, flink.Aggregates{metricnames.BusyTime: {Sum: 3}}, c.known(at))
	require.Empty(t, c.known(at.Add(time.Second)), "it is too old")

	c.next = 1000
	c.heard(0, nil, at, 210, true)
	require.True(t, c.due(211), "an empty answer to names listed earlier")
	require.Empty(t, c.known(at), "what is not answered is not known")
}

func TestCatalogueForgetsWhatIsListedNoMore(t *testing.T) {
	at := time.Unix(100, 0)
	var c vertexMetrics
	c.learn(wantedOf(metricnames.BusyTime, "map.numRecordsIn"), 1)
	c.heard(0, flink.Aggregates{metricnames.BusyTime: {}, "map.numRecordsIn": {Sum: 5}}, at, 1, true)
	c.learn(wantedOf(metricnames.BusyTime), 2)
	require.Equal(t, flink.Aggregates{metricnames.BusyTime: {}}, c.known(at))
}

// TestBatchesTakeTurns has more names than fit into one request: the important ones are
// read always, the others in turn, and those that still do not fit are counted.
func TestBatchesTakeTurns(t *testing.T) {
	names := []string{metricnames.BusyTime}
	for i := range 1000 {
		names = append(names, fmt.Sprintf("%s_%d.numRecordsSend", strings.Repeat("sink", 10), i))
	}
	c := vertexMetrics{}
	c.learn(wantedOf(names...), 1)
	require.Len(t, c.batches, maxBatches)
	require.Equal(t, metricnames.BusyTime, c.batches[0][0].Name)
	require.Equal(t, 1001, len(c.wanted())+c.left)
	require.Positive(t, c.left)

	var turns []int
	for range 5 {
		turns = append(turns, c.further())
	}
	require.Equal(t, []int{1, 2, 3, 1, 2}, turns)

	var long vertexMetrics
	long.learn(wantedOf(strings.Repeat("\n", 1500)+metricnames.PendingRecords), 1)
	require.Empty(t, long.batches)
	require.Equal(t, 1, long.left, "longer than any request")
}

// TestNamesThatAreListedTwice are asked for once.
func TestNamesThatAreListedTwice(t *testing.T) {
	require.Equal(t, []string{metricnames.BusyTime, metricnames.IdleTime},
		namesOf(wantedOf(metricnames.BusyTime, metricnames.IdleTime, metricnames.BusyTime)))
}
