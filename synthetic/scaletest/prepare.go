package scaletest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// Permitted returns why the configuration does not allow a test; nil if it does. It uses
// no network.
func Permitted(cfg *Config, probe *synthetic.Config, writes []sinks.Config, cluster string, iKnow bool) error {
	if cfg.IsProduction(cluster) && !iKnow {
		return fmt.Errorf("cluster %q is production: a scale test would load it and leave its records there "+
			"(test a copy of the job, or pass --i-know)", cluster)
	}
	if err := watchable(writes); err != nil {
		return err
	}
	missing := map[string][]string{}
	need := func(allowed []string, p place) {
		if !slices.Contains(allowed, p.name) && !slices.Contains(missing[p.kind], p.name) {
			missing[p.kind] = append(missing[p.kind], p.name)
		}
	}
	need(cfg.Allow.Topics, place{topic, probe.Topic})
	for _, s := range writes {
		if s.Kafka != nil {
			need(cfg.Allow.Topics, place{topic, s.Kafka.Topic})
		} else {
			need(cfg.Allow.Indices, place{index, s.Elasticsearch.Index})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("the records of the test would reach %s, which scaletest.allow does not list (add: %s)",
		listed(missing), allowLine(cfg.Allow, missing))
}

// watchable returns why a test can't watch the sinks. It reads a whole topic or counts an
// index; a directory is for the few records of the probe.
func watchable(writes []sinks.Config) error {
	for _, s := range writes {
		if s.Files != nil {
			return fmt.Errorf("sink %s is a directory of files, which a scale test does not watch "+
				"(use a configuration without this sink for the test)", s.Name)
		}
	}
	return nil
}

func listed(missing map[string][]string) string {
	var parts []string
	for _, kind := range slices.Backward(slices.Sorted(maps.Keys(missing))) {
		parts = append(parts, kind+" "+strings.Join(missing[kind], ", "))
	}
	return strings.Join(parts, " and ")
}

// allowLine is the section that would permit the test.
func allowLine(have Allow, missing map[string][]string) string {
	list := func(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
	return fmt.Sprintf("scaletest: {allow: {topics: %s, indices: %s}}",
		list(slices.Concat(have.Topics, missing[topic])), list(slices.Concat(have.Indices, missing[index])))
}

// checkWithin bounds the checks before a test.
const checkWithin = 20 * time.Second

// prepare checks everything that the test needs, before anything is sent.
func (t *Test) prepare(ctx context.Context) (episode.ScaleTest, error) {
	result := t.newTest()
	ctx, cancel := context.WithTimeout(ctx, checkWithin)
	defer cancel()
	partitions, err := t.source.Partitions(ctx)
	if err != nil {
		return result, err
	}
	environment := maps.Clone(t.subject.Environment)
	if environment == nil {
		environment = map[string]string{}
	}
	environment["kafka_partitions"] = strconv.Itoa(len(partitions))
	environment["generator"] = fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
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

// payloadSize is the size of a record's value, rounded, because seeds differ in length.
func (t *Test) payloadSize(partitions []int32) (string, error) {
	value, err := t.template.Render(synthetic.Fields{
		Seed: strings.Repeat("x", synthetic.MaxSeedLength), Key: strings.Repeat("x", synthetic.MaxSeedLength),
		Sequence: 1, SentAt: time.Now().UnixMilli(), Partition: partitions[0], PayloadSeed: t.plan.PayloadSeed,
	})
	return strconv.Itoa(len(value)), err
}

// compare warns if the environment differs from that of the baseline, or refuses the test
// if the plan is strict.
func (t *Test) compare(result *episode.ScaleTest) error {
	differences := Differences(t.subject.Reference, result.Environment)
	if len(differences) == 0 {
		return nil
	}
	text := "the environment differs from that of the baseline in more than the labelled change: " +
		strings.Join(differences, "; ")
	if t.plan.Strict {
		return errors.New(text + " (make them equal, or test without --strict)")
	}
	result.Warnings = append(result.Warnings, text)
	return nil
}

// Differences lists what differs between two environments; none if one is nil. A value that
// only one of them knows is not a difference.
func Differences(before, now map[string]string) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if is, known := now[name]; known && is != before[name] {
			out = append(out, fmt.Sprintf("%s %s → %s", name, before[name], is))
		}
	}
	return out
}

func errTooMany(limit int) error {
	return fmt.Errorf("the test would send more than --max-records=%d (raise it, or set --records)", limit)
}

// The growth of --records=auto.
const (
	firstRecords = 1000
	mostGrowth   = 10  // from one calibration to the next
	spareLength  = 1.3 // so that an iteration of usual speed is long enough
)

// grow finds how many records an iteration needs to be long enough. The iterations for it
// are not kept: they are the start of the job.
func (t *Test) grow(ctx context.Context, result *episode.ScaleTest) (int, error) {
	enough := longEnough(t.refresh()).Seconds()
	if t.plan.Rate > 0 {
		steady := schedule{shape: t.plan.Shape, rate: t.plan.Rate, n: 1}
		n := min(maxRecords, max(1, t.plan.Shards, int(enough/steady.seconds()*spareLength)))
		if n*t.plan.Iterations > t.plan.MaxRecords {
			return 0, errTooMany(t.plan.MaxRecords)
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
		if next*t.plan.Iterations > t.plan.MaxRecords-t.sent {
			return 0, errTooMany(t.plan.MaxRecords)
		}
		if next == n {
			return n, nil
		}
		n = next
	}
}

// calibrate runs an iteration that is neither kept nor counted.
func (t *Test) calibrate(ctx context.Context, scratch *episode.ScaleTest, n int) (*round, error) {
	keep, total, finished := t.keep, t.total, t.quiet
	t.keep, t.quiet = nil, true
	defer func() { t.keep, t.total, t.quiet = keep, total, finished }()
	return t.measure(ctx, scratch, n, t.plan.Rate, t.plan.Shape)
}
