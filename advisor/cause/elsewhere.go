package cause

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// aside is a profile of a vertex that does not limit the job, and the profile of the process
// that it is a part of; nil if it is whole.
type aside struct {
	evidence.Profile

	of *evidence.Profile
}

// rank puts profiles of one known vertex first: they name whose work it is.
func (a aside) rank() int {
	if a.Vertex == severalOthers {
		return 1
	}
	return 0
}

// divide separates the profiles of vertices that do not limit the job, because shares
// and bounds refer to the bottleneck.
func (f *Facts) divide() (main []evidence.Profile) {
	for _, p := range f.Bundle.Profiles {
		if p.Vertex == "" || f.Bundle.Bottleneck == "" || p.Vertex == f.Bundle.Bottleneck {
			main = append(main, p)
			continue
		}
		f.elsewhere = append(f.elsewhere, aside{Profile: p})
	}
	return main
}

// judgeElsewhere finds causes in vertices that do not limit the job now. They may be
// the next bottleneck, but a change there gains nothing yet, so these findings have no
// impact and severity info. Categories with a finding already are left out.
func (f *Facts) judgeElsewhere(found []episode.Finding) []episode.Finding {
	slices.SortStableFunc(f.elsewhere, func(a, b aside) int { return cmp.Compare(a.rank(), b.rank()) })
	for _, p := range f.elsewhere {
		y := f.reader.tally(p.Profile)
		if y.doubt(flame.QualityOf(p.Stacks)) != "" || y.Busy < enoughToTell {
			continue // an idle vertex shows no causes
		}
		if p.of != nil {
			y.whole = f.reader.counts(*p.of)
		}
		for i, r := range f.Rules {
			k := y.attributed(i, nil)
			known := slices.ContainsFunc(found, func(x episode.Finding) bool { return x.Category == r.Category })
			if (r.Waits || r.Frames != nil && r.Judge != nil) && r.applies(f) && !known && Significant(k, y.Busy) {
				found = append(found, f.finding(r, f.judgeAside(p.Profile, &y, i, k)))
			}
		}
	}
	return found
}

func (f *Facts) judgeAside(p evidence.Profile, y *Tally, i int, k int64) Verdict {
	name := p.Vertex
	if v, ok := f.Bundle.Vertex(p.Vertex); ok {
		name = evidence.CleanOr(v.Name, v.ID)
	}
	share, into := float64(k)/float64(y.Busy), y.Into(i)
	id := f.Frame(y, into, fmt.Sprintf("%s of the samples of %s (%d of %d) are in %s", evidence.Percent(share), name, k,
		y.Busy, f.Rules[i].What))
	f.bounds[id] = bound{rule: -1} // a change there gains nothing yet
	return Verdict{
		Severity: episode.Info, Confidence: SureOfHints * AtLeastShare(k, y.Busy) / share,
		Evidence: append([]string{id}, f.Cited...),
		Title:    fmt.Sprintf("%s of the busy time of %s goes into %s", evidence.Percent(share), name, f.Rules[i].What),
		Why:      "It is not what holds the job back now, but may be next.",
	}
}
