package rules

import (
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

var objectCopies = cause.Rule{
	Name:     "object-copies",
	Category: cause.Other,
	Frames: cause.Pattern{
		"org.apache.flink.api.java.typeutils.runtime.*Serializer.copy",
		"org.apache.flink.api.common.typeutils.base.*Serializer.copy",
		"org.apache.flink.table.runtime.typeutils.*Serializer.copy", "org.apache.flink.formats.avro.typeutils.*.copy",
		"org.apache.flink.streaming.runtime.streamrecord.StreamRecord.copy",
	},
	Below:     cause.Pattern{"org.apache.flink.streaming.runtime.tasks.CopyingChainingOutput.*"},
	Removable: cause.Span{Low: 0.7, High: 0.99},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where only the serializer of one type stops copying"},
	Applies:   copiesRecords,
	Judge:     cause.CostsCPU,
	Settings:  []string{"object-reuse"},
	What:      "copies of records between chained operators",
	Why:       "Between chained operators Flink copies each record, so that no operator sees a change made by another.",
	Change: "Set pipeline.object-reuse: true, if no operator changes its input or keeps it after it has returned; or make " +
		"the type immutable and give it a serializer whose copy returns the same object.",
	TradeOffs: "With object reuse an operator that keeps or changes its input gives wrong results, without an error. " +
		"Test for it.",
	Reference: docsFlink + "dev/datastream/execution/execution_configuration/",
}

// copiesRecords reports whether Flink copies: that it does not reuse objects.
func copiesRecords(f *cause.Facts) bool { return setting(f.Bundle, "pipeline.object-reuse") != "true" }

var chainingOff = cause.Rule{
	Name:       "chaining-off",
	Unrecorded: true,
	Category:   cause.NetworkBuffers,
	Settings:   []string{"operator-chaining"},
	Frames: cause.Pattern{
		"org.apache.flink.runtime.io.network.api.writer.*", "org.apache.flink.runtime.plugable.*",
		"org.apache.flink.streaming.runtime.io.RecordWriterOutput.*",
	},
	Removable: cause.Span{Low: 0.3, High: 0.9},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "The shuffles inside of chains go away; those behind keyBy stay.",
	},
	Applies: unchained,
	Judge:   cause.CostsCPU,
	What:    "writing records for the next task, because operator chaining is off",
	Why:     "Without chains each operator is a task: every record is serialized and handed to another thread.",
	Change: "Remove pipeline.operator-chaining.enabled: false (before Flink 1.19 pipeline.operator-chaining: false) and " +
		"disableOperatorChaining() from the job. To keep one slow operator apart use disableChaining() on it.",
	TradeOffs: "One thread then does the work of the whole chain: an expensive operator no longer runs beside its " +
		"neighbours.",
	Reference: docsFlink + "dev/datastream/operators/overview/#task-chaining-and-resource-groups",
}

func unchained(f *cause.Facts) bool {
	return setting(f.Bundle, "pipeline.operator-chaining.enabled", "pipeline.operator-chaining") == "false"
}

// setting returns the first of these settings that is known, in small letters.
func setting(b *evidence.Bundle, keys ...string) string {
	for _, key := range keys {
		if value, ok := b.Config[key]; ok {
			return strings.ToLower(strings.TrimSpace(value))
		}
	}
	return ""
}
