package cause

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// addStub counts a sample of such code without its callers.
func (y *Tally) addStub(frames []*traits, n int64) {
	if frames[0].Lost && len(frames) > 1 {
		y.stubs[frames[len(frames)-1].dotted] += n
	}
}

// stub returns the code of a pattern with the most samples, and the samples of all of them.
func (y *Tally) stub(of Pattern) (name string, samples int64) {
	found := map[string]int64{}
	for frame, n := range y.stubs {
		if of.Matches(frame) {
			found[frame] += n
			samples += n
		}
	}
	return most(found), samples
}

// CostsCPUOrStubs judges a cause by its share of the samples of task threads and of the code
// without callers that only this cause calls. It counts that code where task threads show the
// cause too.
func CostsCPUOrStubs(f *Facts, i int) (Verdict, bool) {
	v, fires := CostsCPU(f, i)
	if f.Basis == nil {
		return v, fires
	}
	name, n := f.Basis.stub(f.Rules[i].Stubs)
	k := f.Attributed(f.Basis, i)
	if k == 0 || !Significant(n, f.Basis.Busy+n) {
		return v, fires
	}
	share := float64(k+n) / float64(f.Basis.Busy+n)
	says := fmt.Sprintf("%d of %d CPU samples of the process are in %s, whose callers the profiler cannot see",
		n, f.Basis.All, FrameName(name))
	id := f.Book.Metric("samples without callers in "+FrameName(name), float64(n), "samples", says)
	f.BoundBy(id, f.OfCPU(share))
	v = Verdict{
		Impact:     f.OnCPU(f.Rules[i].Removable, AtLeastShare(k+n, f.Basis.Busy+n), share),
		Confidence: SureOfHints,
		Evidence:   append([]string{f.EvidenceOf(i, f.Basis, k), id}, f.Cited...),
		Title: fmt.Sprintf("About %s of the CPU time of %s goes into %s%s", evidence.Percent(share), f.Whose(),
			f.Rules[i].What, f.Below(i, f.Basis, k)),
		Why: f.Basis.IsIn(i) + " " + says + "; no other cause calls it.",
	}
	return v, true
}
