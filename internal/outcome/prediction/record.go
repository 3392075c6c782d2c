package prediction

import (
	"cmp"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Kind is what predictions are counted by.
type Kind struct {
	Category string
	// Source is "rule:NAME" or "llm:MODEL".
	Source string
}

// Record counts the outcomes of a kind.
type Record struct {
	Results map[episode.OutcomeResult]int
}

// Judged is the number of outcomes that say something about the prediction.
func (r Record) Judged() int {
	return r.Results[episode.Hit] + r.Results[episode.Miss] + r.Results[episode.Opposite]
}

// HitRate is the 95 % interval of the share of hits, which is from 0 to 1 without any: three
// of three is not 100 %.
func (r Record) HitRate() (low, high float64) {
	return stat.Wilson(int64(r.Results[episode.Hit]), int64(r.Judged()), stat.Deviate(alpha))
}

// doubt is 1 if findings of the kind are proven to miss more often than they hit: the whole
// interval of HitRate is below one half. Otherwise it is 0. No hit in three is no proof, in four it is.
func (r Record) doubt() int {
	if _, high := r.HitRate(); high < 0.5 {
		return 1
	}
	return 0
}

// Count counts outcomes by kind.
func Count(episodes []episode.Episode) map[Kind]Record {
	records := map[Kind]Record{}
	for _, ep := range episodes {
		for _, o := range ep.Outcomes {
			kind := Kind{o.Category, o.Source}
			if records[kind].Results == nil {
				records[kind] = Record{map[episode.OutcomeResult]int{}}
			}
			records[kind].Results[o.Result]++
		}
	}
	return records
}

// trust is how many outcomes weigh as much as the confidence that a finding came with.
const trust = 10

// Confidence is the confidence of a finding after what earlier predictions of its kind came
// to: the mean of both, where the first weighs as ten outcomes.
func Confidence(of float64, r Record) float64 {
	if r.Judged() == 0 {
		return of // to the last digit
	}
	return (of*trust + float64(r.Results[episode.Hit])) / (trust + float64(r.Judged()))
}

// Weigh changes the confidence of findings by what came of earlier ones of their kind. A finding
// of a doubtful kind goes behind the others of its severity that stand beside it. Ids stay.
func Weigh(findings []episode.Finding, records map[Kind]Record) {
	for i := range findings {
		f := &findings[i]
		f.Confidence = Confidence(f.Confidence, records[kindOf(*f)])
	}
	for from := 0; from < len(findings); {
		to := from + 1
		for to < len(findings) && findings[to].Severity == findings[from].Severity {
			to++
		}
		slices.SortStableFunc(findings[from:to], func(a, b episode.Finding) int {
			return cmp.Compare(records[kindOf(a)].doubt(), records[kindOf(b)].doubt())
		})
		from = to
	}
	for i := range findings {
		findings[i].Rank = i + 1
	}
}

func kindOf(f episode.Finding) Kind { return Kind{Category: f.Category, Source: f.Source} }
