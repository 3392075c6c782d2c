package collector

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// wishesOf are the wishes for names as a listing would give them.
func wishesOf(names ...string) []wish { return newHandbook(nil).wishes(names) }

func namesOf(wishes []wish) (names []string) {
	for _, w := range wishes {
		names = append(names, w.name)
	}
	return names
}

func TestCatalogueListsEverMoreRarely(t *testing.T) {
	listings := func(c *catalogue, wishes []wish) (polls []int) {
		for poll := 1; poll < 400; poll++ {
			if c.due(poll) {
				polls = append(polls, poll)
				c.learn(wishes, poll)
			}
		}
		return polls
	}
	require.Equal(t, []int{1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 320, 384}, listings(&catalogue{}, wishesOf(busyTime)), "for metrics that appear late")
}

func TestCatalogueHears(t *testing.T) {
	at := time.Unix(100, 0)
	var c catalogue
	c.learn(wishesOf(busyTime, idleTime, backpressuredTime), 1)
	c.heard(0, flink.Aggregates{busyTime: {Sum: 3}}, at, 1, true)
	require.Equal(t, []string{busyTime}, namesOf(c.wanted()), "an answer halved to the end tells which names are bad")
	require.Equal(t, flink.Aggregates{busyTime: {Sum: 3}}, c.known(at))
	require.Empty(t, c.known(at.Add(time.Second)), "it is too old")

	c.next = 1000
	c.heard(0, nil, at, 210, true)
	require.True(t, c.due(211), "an empty answer to names listed earlier")
	require.Empty(t, c.known(at), "what is not answered is not known")
}

func TestCatalogueForgetsWhatIsListedNoMore(t *testing.T) {
	at := time.Unix(100, 0)
	var c catalogue
	c.learn(wishesOf(busyTime, "map.numRecordsIn"), 1)
	c.heard(0, flink.Aggregates{busyTime: {}, "map.numRecordsIn": {Sum: 5}}, at, 1, true)
	c.learn(wishesOf(busyTime), 2)
	require.Equal(t, flink.Aggregates{busyTime: {}}, c.known(at))
}

// TestCatalogueTakesTurns has more names than fit into one request: the
// important ones are asked for always, the others in turn, and what does not
// fit even so is counted.
func TestCatalogueTakesTurns(t *testing.T) {
	names := []string{busyTime}
	for i := range 1000 {
		names = append(names, fmt.Sprintf("%s_%d.numRecordsSend", strings.Repeat("sink", 10), i))
	}
	c := catalogue{}
	c.learn(wishesOf(names...), 1)
	require.Len(t, c.portions, maxPortions)
	require.Equal(t, busyTime, c.portions[0][0].name)
	require.Equal(t, 1001, len(c.wanted())+c.left)
	require.Positive(t, c.left)

	var turns []int
	for range 5 {
		turns = append(turns, c.further())
	}
	require.Equal(t, []int{1, 2, 3, 1, 2}, turns)

	var long catalogue
	long.learn(wishesOf(strings.Repeat("\n", 1500)+pendingRecords), 1)
	require.Empty(t, long.portions)
	require.Equal(t, 1, long.left, "longer than any request")
}

// TestNamesThatAreListedTwice are asked for once.
func TestNamesThatAreListedTwice(t *testing.T) {
	require.Equal(t, []string{busyTime, idleTime}, namesOf(wishesOf(busyTime, idleTime, busyTime)))
}
