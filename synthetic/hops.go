package synthetic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

// passage has the latencies of one record in seconds, by hop.
type passage map[string]float64

// passagesOf collects the measured latencies by record.
func passagesOf(samples []account.Sample, order []string) []passage {
	bySeed := map[string]passage{}
	var out []passage
	for _, s := range samples {
		if s.Quality != account.Measured {
			continue
		}
		if bySeed[s.Seed] == nil {
			bySeed[s.Seed] = passage{}
			out = append(out, bySeed[s.Seed])
		}
		bySeed[s.Seed][s.Hop] = s.Latency.Seconds()
	}
	for _, p := range out {
		p.straighten(order)
	}
	return out
}

// straighten lowers the latency of a hop that is above the one of a hop after it. A record
// passes its hops one after the other; only the clocks of other machines and the time
// between two searches make it look otherwise.
func (p passage) straighten(order []string) {
	for _, hop := range slices.Backward(order) {
		latency, passed := p[hop]
		for before := predecessor(hop, order); passed && before != ""; before = predecessor(before, order) {
			if earlier, known := p[before]; known {
				p[before] = min(earlier, latency)
			}
		}
	}
}

// predecessor returns the hop that a record has passed before this one; empty for the
// first. Two sinks are beside each other: neither is before the other.
func predecessor(hop string, order []string) string {
	var candidates []string
	switch kind, sink := kindOfHop(hop); kind {
	case episode.HopAcknowledged:
	case episode.HopIngested:
		candidates = []string{episode.HopAcknowledged}
	case episode.HopVisible:
		candidates = []string{episode.HopIndexed + sink, episode.HopIngested, episode.HopAcknowledged}
	default:
		candidates = []string{episode.HopIngested, episode.HopAcknowledged}
	}
	for _, candidate := range candidates {
		if slices.Contains(order, candidate) {
			return candidate
		}
	}
	return ""
}

// IsHop reports whether name is that of a hop that is not a sink, such as indexed_orders.
func IsHop(name string) bool { kind, _ := kindOfHop(name); return kind != "" }

// kindOfHop splits a hop into its kind and the part that names the sink, if it has one, such
// as "_orders". The kind is empty for a hop with the name of a sink.
func kindOfHop(hop string) (kind, sink string) {
	for _, kind := range []string{episode.HopIndexed, episode.HopVisible} {
		if strings.HasPrefix(hop, kind+"_") {
			return kind, hop[len(kind):]
		}
	}
	switch hop {
	case episode.HopAcknowledged, episode.HopIngested, episode.HopIndexed, episode.HopVisible:
		return hop, ""
	}
	return "", ""
}

// hopsOf summarises samples by hop, in the given order. Hops without samples are left out.
// A record passes its hops one after the other, so the quantiles of one set of records only
// rise. Where the records that passed a later hop were so much faster than those that passed
// an earlier one that they do not, only the records that passed all hops are compared, and
// a warning says so. If there are none, the later hop is shown as unknown.
func hopsOf(samples []account.Sample, order []string) (hops []episode.Hop, warnings []string) {
	all := passagesOf(samples, order)
	hops = summarise(all, order)
	if len(contradicting(hops)) == 0 {
		return hops, nil
	}
	names := make([]string, len(hops))
	for i, hop := range hops {
		names[i] = hop.Name
	}
	same := slices.DeleteFunc(slices.Clone(all), func(p passage) bool { return len(p) < len(names) })
	if len(same) > 0 {
		return summarise(same, names), []string{fmt.Sprintf(
			"the latencies are of the %d of %d records that passed every hop here: the others passed some hops only",
			len(same), len(all))}
	}
	for unknown := contradicting(hops); len(unknown) > 0; unknown = contradicting(hops) {
		hops[unknown[0]] = episode.Hop{Name: hops[unknown[0]].Name}
		warnings = append(warnings, fmt.Sprintf(
			"the latency of %s is unknown: no record passed it and every hop before it in this time",
			hops[unknown[0]].Name))
	}
	return hops, warnings
}

func summarise(all []passage, order []string) []episode.Hop {
	var hops []episode.Hop
	for _, name := range order {
		var values []float64
		for _, p := range all {
			if latency, passed := p[name]; passed {
				values = append(values, latency)
			}
		}
		if len(values) == 0 {
			continue
		}
		p50, _ := stat.Quantile(values, 0.50)
		p99, _ := stat.Quantile(values, 0.99)
		hops = append(hops, episode.Hop{Name: name, Count: len(values), P50: p50, P99: p99, Max: slices.Max(values)})
	}
	return hops
}

// contradicting returns the indexes of the hops with a quantile below that of a hop that
// comes before them.
func contradicting(hops []episode.Hop) (found []int) {
	var known []string
	byName := map[string]episode.Hop{}
	for i, hop := range hops {
		if hop.Count == 0 {
			continue
		}
		before, passed := byName[predecessor(hop.Name, known)]
		if passed && (hop.P50 < before.P50 || hop.P99 < before.P99 || hop.Max < before.Max) {
			found = append(found, i)
		}
		known = append(known, hop.Name)
		byName[hop.Name] = hop
	}
	return found
}

// latencyWarnings reports the number of records per hop without a usable latency.
func latencyWarnings(samples []account.Sample, order []string) []string {
	type doubt struct {
		hop     string
		quality account.Quality
	}
	counts := map[doubt]int{}
	for _, s := range samples {
		counts[doubt{s.Hop, s.Quality}]++
	}
	var warnings []string
	for _, hop := range order {
		if n := counts[doubt{hop, account.Unmeasured}]; n > 0 {
			warnings = append(
				warnings,
				fmt.Sprintf("%d records passed %s while the sink was not read: their latency is not known", n, hop),
			)
		}
		if n := counts[doubt{hop, account.Rejected}]; n > 0 {
			warnings = append(
				warnings,
				fmt.Sprintf(
					"%d latencies of %s were left out: the clocks they come from contradict each other", n, hop,
				),
			)
		}
	}
	return warnings
}
