package scaletest

import (
	"fmt"
	"io"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/limit"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// Describe writes what a test would send where, and what it leaves behind. It uses no
// network.
func Describe(w io.Writer, o Options) error {
	template, err := o.Config.payload(o.Probe)
	if err != nil {
		return err
	}
	sample, err := load.Render(template, ulid.Make(), load.Part{}, 1, []int32{0}, o.Plan.PayloadSeed)
	if err != nil {
		return err
	}
	p := o.Plan
	fmt.Fprintf(w, "dry run: nothing is sent\n\n")
	fmt.Fprintf(w, "job         %s in cluster %s\n", o.Probe.Job, o.Subject.Cluster)
	fmt.Fprintf(w, "to          topic %s at %s\n", o.Probe.Topic, strings.Join(o.Kafka.Brokers, ", "))
	fmt.Fprintf(w, "load        %s%s\n", p.described(), strings.TrimSuffix(p.times(), ","))
	fmt.Fprintf(w, "at most     %d records of about %d bytes each\n", p.most(), len(sample.Values[0]))
	for _, s := range o.Sinks {
		at := placeOf(s)
		fmt.Fprintf(w, "through     %s: %s %s: %s\n", s.Name, at.kind, at.name, afterwards(s))
	}
	fmt.Fprintf(w, "left behind %s\n", LeftBehind(p))
	fmt.Fprintf(w, "a record    key %s\n            %s\n", sample.Seeds[0], sample.Values[0])
	return nil
}

// afterwards is what becomes of the records at a sink.
func afterwards(s sinks.Config) string {
	switch {
	case s.Kafka != nil:
		return "counted, then left to the retention of the topic"
	case s.Files != nil:
		return "counted, then left in the files"
	case s.Elasticsearch.Cleanup == "delete":
		return "counted, then deleted by seed"
	}
	return "counted, then kept (cleanup: keep)"
}

// LeftBehind says what a test leaves in the job.
func LeftBehind(p Plan) string {
	return fmt.Sprintf("every record has a key of its own, so keyed state of the job grows by up to %d keys, until its "+
		"time to live ends", p.most())
}

// most is the number of records that the test sends at most.
func (p *Plan) most() int {
	if p.Records == 0 || p.FindSustainable || p.Profiles() && !p.ProfileDuring {
		return p.MaxRecords
	}
	return p.Iterations * p.Records * max(1, p.Tests)
}

// Load is what is sent, in words. It is equal for all shards of a test.
func (p *Plan) Load() string {
	load := fmt.Sprintf("%s, --payload-seed=%d", p.described(), p.PayloadSeed)
	if p.Records == 0 && p.Rate > 0 {
		load += fmt.Sprintf(", --rate=%g --shape=%s", p.Rate, p.Shape)
	}
	if p.Profiles() {
		load += fmt.Sprintf(", --modes=%s --advise=%t --profile-during=%t",
			strings.Join(p.Modes, ","), p.Advise, p.ProfileDuring)
	}
	return load
}

// described is the load in words.
func (p *Plan) described() string {
	switch {
	case p.FindSustainable:
		return fmt.Sprintf("up to %d trials, and some that prove too short, each for %s or longer, at rates that the "+
			"trials decide", limit.MaxTrials*p.searches(), minLength)
	case p.Records == 0 && p.Rate > 0:
		return fmt.Sprintf("%s, %s at %g records/s, each for %s or %d times the refresh interval: %d records or more",
			p.iterations(), p.Shape, p.Rate, minLength, refreshes, p.atRate(minLength))
	case p.Records == 0:
		return fmt.Sprintf("%s, as many records as last %s or %d times the refresh interval", p.iterations(), minLength,
			refreshes)
	}
	return fmt.Sprintf("%s of %s", p.iterations(), p.load(p.Records, p.Rate))
}

func (p *Plan) iterations() string {
	if p.Iterations == 1 {
		return "1 iteration"
	}
	return fmt.Sprintf("%d iterations", p.Iterations)
}
