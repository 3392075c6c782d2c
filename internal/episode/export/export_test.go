package export

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// pages serves entries two at a time.
func pages[T any](all []T, id func(T) string) func(string) ([]T, error) {
	return func(before string) ([]T, error) {
		from := 0
		for i, entry := range all {
			if id(entry) == before {
				from = i + 1
			}
		}
		return all[from:min(from+2, len(all))], nil
	}
}

func newHistory() History {
	advice := &episode.Advice{Findings: []episode.Finding{
		{ID: "e3-F1", Rank: 1, Category: "hot-key", Title: "one key, many records", Impact: &episode.Impact{LowPercent: 5, HighPercent: 12.5}},
		{ID: "e3-F2", Rank: 2, Category: "other", Title: "=cmd()"},
	}}
	all := []episode.Episode{
		{ID: "e3", Opened: start, State: episode.Done, Advice: advice, Marks: []episode.Mark{{Finding: "e3-F2", Decision: episode.Rejected}}},
		{ID: "e2", Opened: start, State: episode.Failed, Error: "no Flink"},
		{ID: "e1", Opened: start, State: episode.Done, Alert: episode.Alert{Job: "a \"job\", quoted\nover lines"}},
	}
	ms := []episode.Measurement{
		{ID: "m3", Began: start, Throughput: new(12.5), Hops: []episode.Hop{{Name: "acknowledged", Count: 3, P50: 0.1}, {Name: "visible"}}},
		{ID: "m2", Began: start},
		{ID: "m1", Began: start, Accounts: []episode.Account{{Outcomes: map[episode.RecordOutcome]int64{episode.Lost: 2}}}},
	}
	return History{
		Episodes: pages(all, func(e episode.Episode) string { return e.ID }),
		Episode: func(id string) (episode.Episode, bool, error) {
			return episode.Episode{ID: id, Notes: []string{"whole"}}, id != "e2", nil
		},
		Measurements: pages(ms, func(m episode.Measurement) string { return m.ID }),
		ScaleTests:   pages([]scalerun.Test{{ID: "s1"}}, func(t scalerun.Test) string { return t.ID }),
		Evaluations:  pages([]episode.Evaluation{{ID: "v1"}}, func(e episode.Evaluation) string { return e.ID }),
		Epochs: func(time.Time) ([]episode.Epoch, error) {
			return []episode.Epoch{{Key: "k2"}, {Key: "k1"}}, nil
		},
	}
}

func TestJSONLines(t *testing.T) {
	for kind, want := range map[Kind]int{Episodes: 2, Findings: 2, Measurements: 3, ScaleTests: 1, Epochs: 2, Evaluations: 1} {
		var out strings.Builder
		require.NoError(t, newHistory().JSONLines(&out, kind))
		lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		require.Len(t, lines, want, kind)
		for _, line := range lines {
			require.True(t, json.Valid([]byte(line)), line)
		}
		if kind == Episodes {
			require.Contains(t, lines[0], `"notes":["whole"]`, "episodes are whole; the one that is gone is left out")
		}
	}
	require.Len(t, Kinds(), 6)
}

func readCSV(t *testing.T, kind Kind) (rows []map[string]string) {
	t.Helper()
	var out strings.Builder
	require.NoError(t, newHistory().CSV(&out, kind))
	all, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	require.NoError(t, err)
	for _, row := range all[1:] {
		named := map[string]string{}
		for i, name := range all[0] {
			named[name] = row[i]
		}
		rows = append(rows, named)
	}
	return rows
}

func TestCSV(t *testing.T) {
	episodes := readCSV(t, Episodes)
	require.Len(t, episodes, 3)
	require.Equal(t, "2", episodes[0]["findings"])
	require.Equal(t, "a \"job\", quoted\nover lines", episodes[2]["job"])
	require.Empty(t, episodes[0]["finished"], "unknown is empty")

	findings := readCSV(t, Findings)
	require.Len(t, findings, 2)
	require.Equal(t, "12.5", findings[0]["impact_high_percent"])
	require.Equal(t, "'=cmd()", findings[1]["title"], "a spreadsheet does not run it")
	require.Equal(t, []string{"", "rejected"}, []string{findings[1]["impact_high_percent"], findings[1]["decision"]})

	measurements := readCSV(t, Measurements)
	require.Equal(t, "acknowledged", measurements[0]["last_hop"], "no record has passed the last one")
	require.Equal(t, []string{"", ""}, []string{measurements[1]["throughput"], measurements[1]["lost"]})
	require.Equal(t, "2", measurements[2]["lost"])
	require.ErrorContains(t, newHistory().CSV(&strings.Builder{}, ScaleTests), "(use --format=jsonl)")
}

func TestAHistoryThatCannotBeReadIsNoShortExport(t *testing.T) {
	h := newHistory()
	first := h.Measurements
	h.Measurements = func(before string) ([]episode.Measurement, error) {
		if before != "" {
			return nil, errors.New("gone")
		}
		return first(before)
	}
	require.EqualError(t, h.JSONLines(&strings.Builder{}, Measurements), "gone")
	require.EqualError(t, h.CSV(&strings.Builder{}, Measurements), "gone")
}

// TestAllEpochsAreWritten: also more than one page, and several that began in one millisecond.
func TestAllEpochsAreWritten(t *testing.T) {
	var all []episode.Epoch // newest first
	for i := range 50 {
		all = append(all, episode.Epoch{Key: strconv.Itoa(i), Began: start.Add(-time.Duration(i/3) * time.Millisecond)})
	}
	h := History{Epochs: func(to time.Time) ([]episode.Epoch, error) {
		from := slices.IndexFunc(all, func(e episode.Epoch) bool { return to.IsZero() || e.Began.Before(to) })
		return all[from:min(from+7, len(all))], nil
	}}
	var out strings.Builder
	require.NoError(t, h.JSONLines(&out, Epochs))
	require.Equal(t, len(all), strings.Count(out.String(), "\n"))
}

// TestLinesAreReadBack in batches that bound the memory, each with its number.
func TestLinesAreReadBack(t *testing.T) {
	read := func(text string, kind Kind) (numbers []int, batches int, err error) {
		for batch, failed := range Batches(strings.NewReader(text), kind) {
			if failed != nil {
				return nil, 0, failed
			}
			batches++
			for _, line := range batch {
				require.True(t, json.Valid(line.Entry))
				numbers = append(numbers, line.Number)
			}
		}
		return numbers, batches, nil
	}
	numbers, batches, err := read("\xef\xbb\xbf{\"id\":\"a\"}\r\n\r\n{\"id\":\"b\"}\r\n", Episodes)
	require.NoError(t, err)
	require.Equal(t, []int{1, 3}, numbers)
	require.Equal(t, 1, batches)
	long := strings.Repeat("x", batchSize)
	_, batches, err = read(`{"id":"a","x":"`+long+`"}`+"\n"+`{"id":"b"}`, ScaleTests)
	require.NoError(t, err)
	require.Equal(t, 2, batches)
	for text, want := range map[string]string{
		"":                                "there is no entry",
		"\n \n":                           "there is no entry",
		`{"id":"a"}` + "\n{}":             "line 2 is none of episodes: it has no id",
		`{"id":"a"}` + "\n[":              "line 2 is none of episodes: unexpected end",
		`{"id":"a"}` + "\n{\"id\":\"a\"}": "line 2 has the same entry as line 1 (remove one of them)",
		`{"id":"` + strings.Repeat("y", maxLine) + `"}`: "line 1: bufio.Scanner: token too long (a line has at most 4 MiB)",
	} {
		_, _, err := read(text, Episodes)
		require.ErrorContains(t, err, want)
	}
	epoch := `{"key":"k","job":"j","began":"2026-03-01T12:00:00Z"}`
	_, _, err = read(epoch+"\n"+strings.Replace(epoch, "12:00", "13:00", 1), Epochs)
	require.NoError(t, err, "a key may come again")
	_, _, err = read(epoch+"\n"+epoch, Epochs)
	require.ErrorContains(t, err, "line 2 has the same entry")
	require.NotContains(t, Imported(), Findings)
	require.Len(t, Imported(), len(Kinds())-1)
}
