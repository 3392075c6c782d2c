package scaletest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// Permitted returns why the configuration does not allow a test; nil if it does. It uses
// no network.
func Permitted(cfg *Config, probe *synthetic.Config, writes []sinks.Config, cluster string, iKnow bool) error {
	if cfg.IsProduction(cluster) && !iKnow {
		return fmt.Errorf("cluster %q is production: a scale test would load it and leave its records there "+
			"(test a copy of the job, or pass --i-know)", cluster)
	}
	missing := map[string][]string{}
	need := func(p place) {
		if !cfg.Allow.permits(p) && !slices.Contains(missing[p.kind], p.name) {
			missing[p.kind] = append(missing[p.kind], p.name)
		}
	}
	need(place{topic, probe.Topic})
	for _, s := range writes {
		need(placeOf(s))
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the records of the test would reach %s, which scaletest.allow does not list (add: %s)",
		listed(missing), allowLine(cfg.Allow, missing))
}

func listed(missing map[string][]string) string {
	var parts []string
	for _, kind := range []string{topic, index, directory} {
		if len(missing[kind]) > 0 {
			parts = append(parts, kind+" "+strings.Join(missing[kind], ", "))
		}
	}
	return strings.Join(parts, " and ")
}

// allowLine is the section that would permit the test.
func allowLine(have Allow, missing map[string][]string) string {
	var parts []string
	add := func(key string, names []string) {
		if len(names) > 0 {
			parts = append(parts, key+": ["+strings.Join(names, ", ")+"]")
		}
	}
	add("topics", slices.Concat(have.Topics, missing[topic]))
	add("indices", slices.Concat(have.Indices, missing[index]))
	add("directories", slices.Concat(have.Directories, missing[directory]))
	return "scaletest: {allow: {" + strings.Join(parts, ", ") + "}}"
}

// checkWithin bounds the checks before a test.
const checkWithin = 20 * time.Second

// prepare checks everything that the test needs, before anything is sent.
func (t *Test) prepare(ctx context.Context) (scalerun.Test, error) {
	result := t.newTest()
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	partitions, err := t.source.Partitions(ctx)
	if err != nil {
		return result, err
	}
	environment := t.planned()
	environment["kafka_partitions"] = strconv.Itoa(len(partitions))
	var faults []error
	for _, s := range t.sinks {
		facts, err := s.check(ctx)
		if err != nil {
			faults = append(faults, lookFailed(s.name(), err))
			continue
		}
		for name, value := range facts {
			if _, taken := environment[name]; taken {
				name += "_" + s.name() // a further index
			}
			environment[name] = value
		}
	}
	if err := errors.Join(faults...); err != nil {
		return result, err
	}
	if environment["payload_bytes"], err = t.payloadSize(partitions); err != nil {
		return result, err
	}
	result.Environment = environment
	return result, t.compare(&result)
}

// tooManyError is about a test that would send more records than it may.
type tooManyError struct{ most, tests int }

func (e *tooManyError) Error() string {
	share := ""
	if e.tests > 1 {
		share = fmt.Sprintf(", of which each of %d deployments has an equal share", e.tests)
	}
	return fmt.Sprintf("the test would send more than --max-records=%d%s (raise it, or set --records)", e.most, share)
}

func (p *Plan) errTooMany() error { return &tooManyError{p.MaxRecords, p.Tests} }

// The growth of --records=auto.
const (
	firstRecords = 1000
	mostGrowth   = 10  // from one calibration to the next
	spareLength  = 1.3 // so that an iteration of usual speed is long enough
)

// grow finds how many records an iteration needs to be long enough. The iterations for it
// are not kept: they are the start of the job.
func (t *Test) grow(ctx context.Context, result *scalerun.Test) (int, error) {
	if t.plan.Rate > 0 {
		n := t.plan.atRate(longEnough(t.refresh()))
		if n*t.plan.rounds() > t.plan.limit() {
			return 0, t.plan.errTooMany()
		}
		return n, nil
	}
	for n := firstRecords; ; {
		scratch := *result
		scratch.Iterations = nil
		r, err := t.calibrate(ctx, &scratch, n)
		if err != nil {
			return 0, err
		}
		if r.aborted {
			return 0, errInterrupted
		}
		it := r.whole(scratch.Iterations[0])
		if it.ToAllSinksSeconds == nil {
			return 0, fmt.Errorf("an iteration of %d records did not arrive whole, so their number can't be chosen (set "+
				"--records)", n)
		}
		result.Warnings = scratch.Warnings
		next := t.longer(n, it)
		if next*t.plan.rounds() > t.plan.limit()-t.sent {
			return 0, t.plan.errTooMany()
		}
		if next == n {
			return n, nil
		}
		n = next
	}
}

// atRate is how many records last so long at the rate of the plan, with some to spare.
func (p *Plan) atRate(length time.Duration) int {
	one := load.Schedule{Shape: p.Shape, Rate: p.Rate, N: 1}
	return min(maxRecords, max(1, p.Shards, int(length.Seconds()/one.Seconds()*spareLength)))
}

// calibrate runs an iteration that is neither kept nor counted.
func (t *Test) calibrate(ctx context.Context, scratch *scalerun.Test, n int) (*round, error) {
	keep, total, finished := t.keep, t.total, t.quiet
	t.keep, t.quiet, t.calibrating = nil, true, true
	defer func() { t.keep, t.total, t.quiet, t.calibrating = keep, total, finished, false }()
	return t.measure(ctx, scratch, n, t.plan.Rate, t.plan.Shape)
}
