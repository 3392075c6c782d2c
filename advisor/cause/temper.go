package cause

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Temper takes the gains from ranked findings if no vertex limits the job: then less work
// for a record costs less CPU, but the throughput stays what arrives. Findings about memory,
// checkpoints and trends keep their severity.
func (f *Facts) Temper(findings []episode.Finding) {
	if f.limited {
		return
	}
	for i := range findings {
		x := &findings[i]
		if x.Impact == nil && !f.fromSamples(x.Source) {
			continue
		}
		x.Impact, x.Severity = nil, episode.Info
		x.Why = f.unlimited() + " " + strings.Replace(x.Why, assumption, withoutGain, 1)
	}
}

// fromSamples reports whether a finding is about the samples of a profile.
func (f *Facts) fromSamples(source string) bool {
	name, isRule := strings.CutPrefix(source, "rule:")
	at := f.IndexOf(name)
	return !isRule || at >= 0 && (len(f.Rules[at].Frames) > 0 || f.Rules[at].Removable != Span{})
}

func (f *Facts) unlimited() string {
	v, ok := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if !ok || v.Busy == nil {
		return "No vertex limits the job now, so this is about the cost of a record and not about throughput."
	}
	return fmt.Sprintf("No vertex limits the job now (%s, the busiest, is busy %s of the time), so this is about the "+
		"cost of a record and not about throughput.", evidence.CleanOr(v.Name, v.ID), evidence.Percent(*v.Busy))
}
