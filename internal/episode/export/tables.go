package export

import (
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Finding is a finding with the episode that it is of.
type Finding struct {
	Episode string    `json:"episode"`
	Opened  time.Time `json:"opened"`
	Cluster string    `json:"cluster,omitempty"`
	Job     string    `json:"job,omitempty"`
	// Mark is what a person decided; nil for nothing.
	Mark *episode.Mark `json:"mark,omitempty"`
	episode.Finding
}

// findings yields the findings of all episodes.
func (h History) findings() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for e, err := range each(h.Episodes, func(e episode.Episode) string { return e.ID }) {
			if err != nil {
				yield(nil, err)
				return
			}
			if e.Advice == nil {
				continue
			}
			for _, f := range e.Advice.Findings {
				out := Finding{Episode: e.ID, Opened: e.Opened, Cluster: e.Alert.Cluster, Job: e.Alert.Job, Finding: f}
				for i, mark := range e.Marks {
					if mark.Finding == f.ID {
						out.Mark = &e.Marks[i]
					}
				}
				if !yield(out, nil) {
					return
				}
			}
		}
	}
}

// table is a kind as CSV. Times are in RFC 3339, an unknown value is an empty cell.
type table struct {
	header []string
	row    func(entry any) []string
}

var tables = map[Kind]table{
	Episodes: {
		[]string{
			"id", "opened", "finished", "state", "cluster", "job", "vertex", "rule", "source", "summary", "profiles",
			"findings", "first_finding", "error",
		},
		episodeRow,
	},
	Findings: {
		[]string{
			"episode", "opened", "cluster", "job", "id", "rank", "category", "severity", "title", "impact_low_percent",
			"impact_high_percent", "confidence", "source", "decision",
		},
		findingRow,
	},
	Measurements: {
		[]string{
			"id", "kind", "began", "ended", "cluster", "job", "job_id", "epoch_key", "throughput", "capacity",
			"cpu_seconds_per_million", "backlog", "last_hop", "last_hop_records", "last_hop_p50_seconds",
			"last_hop_p99_seconds", "lost", "pending",
		},
		measurementRow,
	},
}

func episodeRow(entry any) []string {
	e := entry.(episode.Episode)
	findings, first := 0, ""
	if e.Advice != nil {
		if findings = len(e.Advice.Findings); findings > 0 {
			first = e.Advice.Findings[0].Title
		}
	}
	return []string{
		e.ID, when(e.Opened), when(e.Finished), string(e.State), text(e.Alert.Cluster), text(e.Alert.Job),
		text(e.Alert.Vertex), text(e.Alert.Rule), string(e.Alert.Source), text(e.Alert.Summary),
		strconv.Itoa(len(e.Profiles)), strconv.Itoa(findings), text(first), text(e.Error),
	}
}

func findingRow(entry any) []string {
	f := entry.(Finding)
	low, high, decision := "", "", ""
	if f.Impact != nil {
		low, high = number(&f.Impact.LowPercent), number(&f.Impact.HighPercent)
	}
	if f.Mark != nil {
		decision = string(f.Mark.Decision)
	}
	return []string{
		f.Episode, when(f.Opened), text(f.Cluster), text(f.Job), f.ID, strconv.Itoa(f.Rank), text(f.Category),
		string(f.Severity), text(f.Title), low, high, number(&f.Confidence), text(f.Source), decision,
	}
}

func measurementRow(entry any) []string {
	m := entry.(episode.Measurement)
	hop, records, p50, p99 := "", "", "", ""
	for _, h := range m.Hops {
		if h.Count > 0 {
			hop, records, p50, p99 = text(h.Name), strconv.Itoa(h.Count), number(&h.P50), number(&h.P99)
		}
	}
	lost, pending := "", ""
	if len(m.Accounts) > 0 {
		lost, pending = whole(m.Records(episode.Lost)), whole(m.Records(episode.Pending))
	}
	return []string{
		m.ID, m.Kind, when(m.Began), when(m.Ended), text(m.Cluster), text(m.Job), m.JobID, text(m.EpochKey),
		number(m.Throughput), number(m.Capacity), number(m.CPUPerMillion), number(m.Backlog), hop, records, p50, p99,
		lost, pending,
	}
}

func when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func number(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'g', -1, 64)
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

// text is a name or a sentence from outside. A spreadsheet would run one that begins like a
// formula; an apostrophe makes it text (OWASP, CSV Injection).
func text(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
