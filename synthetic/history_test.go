package synthetic

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// memoryHistory is a History for tests. It stores what a file would store, as
// JSON, and works out the totals from the records each time: that arithmetic
// owes nothing to the code under test.
type memoryHistory struct {
	mu      sync.Mutex
	records map[string]episode.ProbeRecord // as read back from JSON
	final   map[string]time.Time           // when the last fate of a record became final
	now     func() time.Time
	failure error // of every call, nil when the history works
	puts    int
}

var errDiskFull = errors.New("no space left on device")

func newMemoryHistory() *memoryHistory {
	return &memoryHistory{records: map[string]episode.ProbeRecord{}, final: map[string]time.Time{}, now: time.Now}
}

func (l *memoryHistory) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failure = err
}

func (l *memoryHistory) Put(records []episode.ProbeRecord) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.puts++
	if l.failure != nil {
		return l.failure
	}
	for _, r := range records {
		raw, err := json.Marshal(r)
		if err != nil {
			return err
		}
		var stored episode.ProbeRecord
		if err := json.Unmarshal(raw, &stored); err != nil {
			return err
		}
		l.records[r.Seed] = stored
		if _, known := l.final[r.Seed]; !known && !r.Open() {
			l.final[r.Seed] = l.now()
		}
	}
	return nil
}

func (l *memoryHistory) Open(watchFor time.Duration) ([]episode.ProbeRecord, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure != nil {
		return nil, l.failure
	}
	var open []episode.ProbeRecord
	for seed, stored := range l.records {
		final, done := l.final[seed]
		if !done || l.now().Sub(final) < watchFor {
			stored.Sinks = slices.Clone(stored.Sinks)
			open = append(open, stored)
		}
	}
	return open, nil
}

func (l *memoryHistory) Totals() ([]episode.Account, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure != nil {
		return nil, l.failure
	}
	bySink := map[string]*episode.Account{}
	var order []string
	for _, stored := range l.records {
		for _, at := range stored.Sinks {
			account := bySink[at.Sink]
			if account == nil {
				account = &episode.Account{Sink: at.Sink, Fates: map[episode.Fate]int64{}}
				bySink[at.Sink] = account
				order = append(order, at.Sink)
			}
			count(account, at)
		}
	}
	slices.Sort(order)
	var totals []episode.Account
	for _, sink := range order {
		totals = append(totals, *bySink[sink])
	}
	return totals, nil
}

func count(account *episode.Account, at episode.AtSink) {
	account.Intended++
	account.Fates[at.Fate]++
	account.Duplicates += int64(at.Duplicates)
	if at.SeenAfter && at.Fate == episode.Lost {
		account.SeenAfterLost++
	}
	if at.SeenAfter && at.Fate == episode.ProduceFailed {
		account.SeenAfterProduceFailed++
	}
}

// all returns the stored records, sorted by seed.
func (l *memoryHistory) all() []episode.ProbeRecord {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.SortedFunc(maps.Values(l.records), func(a, b episode.ProbeRecord) int { return strings.Compare(a.Seed, b.Seed) })
}

// account returns the total of one sink, from the history.
func (l *memoryHistory) account(t *testing.T, sink string) episode.Account {
	t.Helper()
	totals, err := l.Totals()
	require.NoError(t, err)
	for _, account := range totals {
		if account.Sink == sink {
			return account
		}
	}
	return episode.Account{Sink: sink, Fates: map[episode.Fate]int64{}}
}

// copy returns a history with the same content, as a new process opens it.
func (l *memoryHistory) copy() *memoryHistory {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &memoryHistory{records: maps.Clone(l.records), final: maps.Clone(l.final), now: l.now}
}
