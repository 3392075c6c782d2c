// Package predict compares the sidecar's lines with Prometheus' predict_linear, in one run: the
// digits for the same samples, and the CPU time for ten thousand series.
package predict

import (
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

const (
	window  = 2 * time.Hour
	step    = 15 * time.Second
	samples = int(window / step)
	ahead   = time.Hour
	many    = 10_000
)

var now = time.UnixMilli(1_800_000_000_000)

// points are a rising signal with noise, at its times.
func points(rng *rand.Rand, level, slope, noise float64) []series.Sample {
	out := make([]series.Sample, samples)
	for i := range out {
		at := time.Duration(i-samples+1) * step
		out[i] = series.Sample{T: now.Add(at), V: level + slope*at.Seconds() + noise*rng.NormFloat64()}
	}
	return out
}

// prometheus is the value in an hour by the function of Prometheus' engine.
type prometheus struct {
	call promql.FunctionCall
	args parser.Expressions
}

func newPrometheus(t testing.TB) prometheus {
	t.Helper()
	expr, err := parser.ParseExpr(fmt.Sprintf("predict_linear(x[2h], %.0f)", ahead.Seconds()))
	require.NoError(t, err)
	return prometheus{promql.FunctionCalls["predict_linear"], expr.(*parser.Call).Args}
}

func (p prometheus) predict(of []promql.FPoint) float64 {
	values := []parser.Value{
		promql.Matrix{promql.Series{Metric: labels.EmptyLabels(), Floats: of}},
		promql.Vector{promql.Sample{F: ahead.Seconds()}},
	}
	out, _ := p.call(values, p.args, &promql.EvalNodeHelper{Ts: now.UnixMilli()})
	return out[0].F
}

func floats(of []series.Sample) []promql.FPoint {
	out := make([]promql.FPoint, len(of))
	for i, s := range of {
		out[i] = promql.FPoint{T: s.T.UnixMilli(), F: s.V}
	}
	return out
}

// ours is the value in an hour by the sidecar's line.
func ours(of []series.Sample) float64 {
	var times, values []float64
	for _, s := range of {
		times, values = append(times, s.T.Sub(now).Seconds()), append(values, s.V)
	}
	line := stat.FitLine(times, values)
	return line.Level + line.Slope*ahead.Seconds()
}

// exact is the same with 200 digits.
func exact(of []series.Sample) float64 {
	const bits = 700
	num := func(v float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(v) }
	sum := func(f func(t, v *big.Float) *big.Float) *big.Float {
		total := num(0)
		for _, s := range of {
			total.Add(total, f(num(s.T.Sub(now).Seconds()), num(s.V)))
		}
		return total
	}
	product := func(a, b *big.Float) *big.Float { return num(0).Mul(a, b) }
	n := num(float64(len(of)))
	sumT := sum(func(t, _ *big.Float) *big.Float { return t })
	sumV := sum(func(_, v *big.Float) *big.Float { return v })
	sumTV := sum(product)
	sumTT := sum(func(t, _ *big.Float) *big.Float { return product(t, t) })
	above := num(0).Sub(product(n, sumTV), product(sumT, sumV))
	below := num(0).Sub(product(n, sumTT), product(sumT, sumT))
	slope := num(0).Quo(above, below)
	level := num(0).Quo(num(0).Sub(sumV, product(slope, sumT)), n)
	value, _ := level.Add(level, product(slope, num(ahead.Seconds()))).Float64()
	return value
}

// digits is how many decimal digits of a value are right; at most 16.
func digits(have, want float64) float64 {
	if have == want {
		return 16
	}
	return min(16, -math.Log10(math.Abs(have-want)/math.Abs(want)))
}

// TestDigits has a rise of 36 an hour, with noise of the size of 1, on top of small and large
// levels. It counts the right digits of the rise until the predicted value. Both answers are of
// the same line; the sidecar's has no fewer digits than Prometheus', but for the last one.
func TestDigits(t *testing.T) {
	p := newPrometheus(t)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, level := range []float64{1, 1e3, 1e6, 1e9, 1e12} {
		least := [2]float64{16, 16}
		for range 50 {
			of := points(rng, level, 0.01, 1)
			want := exact(of) - level
			least[0] = min(least[0], digits(ours(of)-level, want))
			least[1] = min(least[1], digits(p.predict(floats(of))-level, want))
		}
		t.Logf("level %g: right digits of the sidecar %.1f, of predict_linear %.1f", level, least[0], least[1])
		require.GreaterOrEqual(t, least[0], least[1]-1)
		// A float64 has nearly 16 digits, of which the level takes its own.
		require.GreaterOrEqual(t, least[0], 14-math.Log10(level))
	}
}

// cpu is the CPU time of this process in seconds.
func cpu() float64 {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return math.NaN()
	}
	return float64(used.Utime.Nano()+used.Stime.Nano()) / 1e9
}

// measured runs a function for each loop, and reports its CPU time.
func measured(b *testing.B, run func()) {
	b.Helper()
	run()
	began := cpu()
	for b.Loop() {
		run()
	}
	b.ReportMetric(1e3*(cpu()-began)/float64(b.N), "cpu-ms/op")
}

// BenchmarkTick evaluates ten thousand signals: lines with intervals, limits, seasons and states.
func BenchmarkTick(b *testing.B) {
	c := alerts.DefaultConfig()
	c.Settle = 0 // all samples count
	trends := alerts.NewTrends(c, slog.New(slog.DiscardHandler))
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range many {
		o := signal.Observation{
			Signal: "checkpoint-size", Labels: snapshot.Labels{Cluster: "c", Job: fmt.Sprint("job ", i)}, RunID: "r",
		}
		for _, s := range points(rng, 1e9, 100, 1e7) {
			o.Sample = s
			trends.Observe(o)
		}
	}
	measured(b, func() { trends.Tick(now) })
	require.Len(b, trends.All(), many)
}

// BenchmarkPredictLinear evaluates Prometheus' function on as many series of the same length,
// without reading them from its storage.
func BenchmarkPredictLinear(b *testing.B) {
	p := newPrometheus(b)
	rng := rand.New(rand.NewPCG(3, 4))
	all := make([][]promql.FPoint, many)
	for i := range all {
		all[i] = floats(points(rng, 1e9, 100, 1e7))
	}
	measured(b, func() {
		for _, of := range all {
			p.predict(of)
		}
	})
}
