package scaletest

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// planned is the part of the environment that is known before a server is asked: what is sent,
// through what, and from where.
func (t *Test) planned() map[string]string {
	environment := maps.Clone(t.subject.Environment)
	if environment == nil {
		environment = map[string]string{}
	}
	maps.Copy(environment, t.plan.Facts())
	environment["topic"] = t.topic
	environment["template"] = t.template.Fingerprint()
	environment["generator"] = fmt.Sprintf("%s/%s, %d CPUs", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	for _, s := range t.sinks {
		at := s.place()
		environment[scalerun.SinkFact+s.name()] = at.kind + " " + at.name
	}
	return environment
}

// The facts of a plan.
const (
	FactLoad    = "load"
	FactRecords = "records"
)

// Facts are what of the plan must be equal for a fair comparison. A search has none: its result is
// compared with that of no other load.
func (p *Plan) Facts() map[string]string {
	if p.FindSustainable {
		return nil
	}
	facts := map[string]string{FactLoad: "as fast as possible", FactRecords: "auto"}
	if p.Rate > 0 {
		facts[FactLoad] = fmt.Sprintf("%s at %g records/s", p.Shape, p.Rate)
	}
	if p.Records > 0 {
		facts[FactRecords] = strconv.Itoa(p.Records)
	}
	return facts
}

// payloadSize is the size of a record's value, rounded, because seeds differ in length.
func (t *Test) payloadSize(partitions []int32) (string, error) {
	value, err := t.template.Render(payload.Fields{
		Seed: strings.Repeat("x", payload.MaxSeedLength), Key: strings.Repeat("x", payload.MaxSeedLength),
		Sequence: 1, SentAt: time.Now().UnixMilli(), Partition: partitions[0], PayloadSeed: t.plan.PayloadSeed,
	})
	return strconv.Itoa(len(value)), err
}

// compare warns if the environment differs from that of the baseline, or refuses the test
// if the plan is strict.
func (t *Test) compare(result *scalerun.Test) error {
	differences := scalerun.Differences(t.subject.Reference, result.Environment)
	if len(differences) == 0 {
		return nil
	}
	text := "the environment differs from that of the baseline: " + strings.Join(differences, "; ")
	if t.plan.Strict {
		return errors.New(text + " (make them equal, or test without --strict)")
	}
	result.Warnings = append(result.Warnings, text+" (make them equal, unless this is the labelled change)")
	return nil
}
