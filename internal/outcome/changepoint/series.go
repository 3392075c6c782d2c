package changepoint

import (
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

// figure is something that is measured of each block.
type figure struct {
	// name is stored and exported, title is what people read.
	name, title string
	moreIsWorse bool
	of          func(production.Block) *float64
}

// figures are those that do not follow the load by themselves, as throughput does.
var figures = []figure{
	{"capacity_records_per_second", "capacity, records/s", false, production.Block.Capacity},
	{"cpu_seconds_per_million", "CPU s/million", true, func(b production.Block) *float64 { return b.CPUPerMillion }},
	{"latency_p50_seconds", "p50 s", true, func(b production.Block) *float64 { return b.P50 }},
	{"latency_p99_seconds", "p99 s", true, func(b production.Block) *float64 { return b.P99 }},
}

// Figures are the names of all figures.
func Figures() (names []string) {
	for _, f := range figures {
		names = append(names, f.name)
	}
	return names
}

// titleOf is a figure as people call it.
func titleOf(name string) string {
	for _, f := range figures {
		if f.name == name {
			return f.title
		}
	}
	return name
}

// Series says what was searched.
type Series struct {
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	Figure  string `json:"figure"`
	// Blocks are those that count, OtherLoad those that do not, because the load was more
	// than 20 % away from the median.
	Blocks    int `json:"blocks"`
	OtherLoad int `json:"other_load"`
}

// Enough reports whether a change could be found in the series.
func (s Series) Enough() bool { return s.Blocks >= 2*MinSegment }

// values are the known values of a figure, with the begin of each block.
func (f figure) values(blocks []production.Block) (times []time.Time, values []float64) {
	for _, b := range blocks {
		if v := f.of(b); v != nil && *v > 0 && !math.IsInf(*v, 0) {
			times, values = append(times, b.Began), append(values, *v)
		}
	}
	return times, values
}
