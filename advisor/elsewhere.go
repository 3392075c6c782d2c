package advisor

import (
	"fmt"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// divide sets profiles of single vertices that don't limit the job apart: shares
// and bounds are about the one that does.
func (f *facts) divide() (main []Profile) {
	for _, p := range f.bundle.Profiles {
		if p.Vertex == "" || f.bundle.Bottleneck == "" || p.Vertex == f.bundle.Bottleneck {
			main = append(main, p)
			continue
		}
		f.elsewhere = append(f.elsewhere, p)
	}
	return main
}

// judgeElsewhere says where vertices wait that don't limit the job now. To make
// them faster gains nothing yet, so these findings have no impact and are asides;
// but the next bottleneck is among them. Categories that were found already are
// not said twice.
func (f *facts) judgeElsewhere(found []episode.Finding) []episode.Finding {
	for _, p := range f.elsewhere {
		y := f.reader.tally(p)
		if y.doubt(flame.QualityOf(p.Stacks)) != "" {
			continue // an idle vertex has nothing to say
		}
		for i, r := range f.rules {
			k := y.attributed(i, nil)
			known := slices.ContainsFunc(found, func(x episode.Finding) bool { return x.Category == r.category })
			if r.waits && !known && significant(k, y.busy) {
				found = append(found, f.finding(r, f.aside(p, &y, i, k)))
			}
		}
	}
	return found
}

func (f *facts) aside(p Profile, y *tally, i int, k int64) verdict {
	name := p.Vertex
	if v, ok := f.bundle.vertex(p.Vertex); ok {
		name = cleanOr(v.Name, v.ID)
	}
	share, into := float64(k)/float64(y.busy), most(y.through[i].into)
	id := f.book.add(episode.Evidence{
		Kind: kindFrame, Subject: into, Value: &share, Unit: "ratio",
		Text: fmt.Sprintf("%d of %d samples of the threads of %s at work (%s) pass through %s", k, y.busy, name, percent(share), frameName(into)),
	})
	f.bounds[id] = bound{rule: -1} // nothing is gained there yet
	return verdict{
		severity: episode.Info, confidence: sureOfHints * atLeastShare(k, y.busy) / share, evidence: append([]string{id}, f.cited...),
		title: fmt.Sprintf("%s spends %s of its busy time in %s", name, percent(share), f.rules[i].what),
		why:   "It is not what holds the job back now, but may be next.",
	}
}
