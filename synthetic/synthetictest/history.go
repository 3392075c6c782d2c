package synthetictest

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

// History is a history for tests. It stores records as JSON, as a file does, and
// computes the totals from all records each time, independent of the tested code.
type History struct {
	mu      sync.Mutex
	Records map[string]episode.ProbeRecord // as read back from JSON
	final   map[string]time.Time           // when the last outcome of a record became final
	Now     func() time.Time
	Failure error // the error of every call, nil if the history works
	Puts    int
}

// ErrDiskFull is an example of an error of the history.
var ErrDiskFull = errors.New("no space left on device")

// NewHistory returns an empty history.
func NewHistory() *History {
	return &History{Records: map[string]episode.ProbeRecord{}, final: map[string]time.Time{}, Now: time.Now}
}

// Fail makes every call fail with err; nil ends it.
func (l *History) Fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Failure = err
}

// Put implements account.History.
func (l *History) Put(records []episode.ProbeRecord) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Puts++
	if l.Failure != nil {
		return l.Failure
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
		l.Records[r.Seed] = stored
		if _, known := l.final[r.Seed]; !known && !r.Open() {
			l.final[r.Seed] = l.Now()
		}
	}
	return nil
}

// Open implements account.History.
func (l *History) Open(watchFor time.Duration) ([]episode.ProbeRecord, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Failure != nil {
		return nil, l.Failure
	}
	var open []episode.ProbeRecord
	for seed, stored := range l.Records {
		final, done := l.final[seed]
		if !done || l.Now().Sub(final) < watchFor {
			stored.Sinks = slices.Clone(stored.Sinks)
			open = append(open, stored)
		}
	}
	return open, nil
}

// Totals implements account.History.
func (l *History) Totals() ([]episode.Account, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Failure != nil {
		return nil, l.Failure
	}
	bySink := map[string]*episode.Account{}
	var order []string
	for _, stored := range l.Records {
		for _, at := range stored.Sinks {
			account := bySink[at.Sink]
			if account == nil {
				account = &episode.Account{Sink: at.Sink, Outcomes: map[episode.RecordOutcome]int64{}}
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
	account.Outcomes[at.Outcome]++
	account.Duplicates += int64(at.Duplicates)
	if at.Order == episode.InOrder {
		account.InOrder++
	}
	if at.Order == episode.Reordered {
		account.Reordered++
	}
	if at.SeenAfter && at.Outcome == episode.Lost {
		account.SeenAfterLost++
	}
	if at.SeenAfter && at.Outcome == episode.ProduceFailed {
		account.SeenAfterProduceFailed++
	}
}

// All returns the stored records, sorted by seed.
func (l *History) All() []episode.ProbeRecord {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.SortedFunc(maps.Values(l.Records), func(a, b episode.ProbeRecord) int {
		return strings.Compare(a.Seed, b.Seed)
	})
}

// Account returns the total of one sink, from the history.
func (l *History) Account(t *testing.T, sink string) episode.Account {
	t.Helper()
	totals, err := l.Totals()
	require.NoError(t, err)
	for _, account := range totals {
		if account.Sink == sink {
			return account
		}
	}
	return episode.Account{Sink: sink, Outcomes: map[episode.RecordOutcome]int64{}}
}

// Copy returns a history with the same content, as for a new process.
func (l *History) Copy() *History {
	l.mu.Lock()
	defer l.mu.Unlock()
	return &History{Records: maps.Clone(l.Records), final: maps.Clone(l.final), Now: l.Now}
}
