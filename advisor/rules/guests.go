package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

// Guests are programs of other systems that Flink runs: PyFlink and Beam.

// python is the JVM's side of PyFlink. What the Python processes do is in no profile of the
// JVM.
var python = cause.Rule{
	Name:       "python",
	Unrecorded: true,
	Category:   cause.Other,
	Frames: cause.Pattern{
		"org.apache.flink.streaming.api.operators.python.*", "org.apache.flink.streaming.api.runners.python.*",
		"org.apache.flink.table.runtime.operators.python.*", "org.apache.flink.table.runtime.runners.python.*",
		"pemja.*",
	},
	Removable: cause.Span{Low: 0.1, High: 0.6},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Larger bundles save the cost of each exchange; the conversion of a record stays.",
	},
	Waits:    true,
	Judge:    cause.CostsCPU,
	Settings: []string{"python."},
	What:     "handing records to Python (PyFlink) and back",
	Why: "Each record is serialized for the Python worker and its result is read back. What the Python code itself " +
		"costs is not in a profile of the JVM.",
	Change: "Use vectorized (pandas) functions, make bundles larger (python.fn-execution.bundle.size), try " +
		"python.execution-mode: thread, and move cheap steps such as filters into SQL or the Table API. Profile the " +
		"Python side with python.profile.enabled: true.",
	TradeOffs: "Larger bundles add latency and are finished before a checkpoint; in thread mode all functions of a " +
		"process share its interpreter lock.",
	Reference: docsFlink + "dev/python/python_config/",
}

// beamCoders is the copying and encoding of records between the operators of a Beam pipeline.
var beamCoders = cause.Rule{
	Name:       "beam-coders",
	Unrecorded: true,
	Category:   cause.GenericSerialization,
	Frames: cause.Pattern{
		"org.apache.beam.runners.flink.translation.types.CoderTypeSerializer.*", "org.apache.beam.sdk.util.CoderUtils.*",
		"org.apache.beam.sdk.coders.*",
	},
	Removable: cause.Span{Low: 0.2, High: 0.8},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "The copies between chained operators go away; what a shuffle encodes stays.",
	},
	Judge:    cause.CostsCPU,
	Settings: []string{"object-reuse"},
	What:     "Beam's coders",
	Why:      "Beam encodes and decodes each record between chained operators, to keep them from sharing an object.",
	Change: "Run the pipeline with --fasterCopy=true (records are not copied between chained operators) and, where no " +
		"DoFn changes its input, --objectReuse=true. Give your own types a coder instead of SerializableCoder.",
	TradeOffs: "Without copies a DoFn that changes its input changes what other DoFns see.",
	Reference: "https://beam.apache.org/documentation/runners/flink/",
}
