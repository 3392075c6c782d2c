package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

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
	Waits:     true,
	Judge:     cause.CostsCPU,
	Settings:  []string{"python."},
	What:      "handing records to Python (PyFlink) and back",
	Why: "Each record is serialized for the Python worker and its result is read back. What the Python code itself " +
		"costs is not in a profile of the JVM.",
	Change: "Use vectorized (pandas) functions, make bundles larger (python.fn-execution.bundle.size), try " +
		"python.execution-mode: thread, and move cheap steps such as filters into SQL or the Table API. Profile the " +
		"Python side with python.profile.enabled: true.",
	TradeOffs: "Larger bundles add latency and are finished before a checkpoint; in thread mode all functions of a " +
		"process share its interpreter lock.",
	Reference: docsFlink + "dev/python/python_config/",
}
