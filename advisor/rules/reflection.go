package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var reflection = cause.Rule{
	Name:     "reflection",
	Category: cause.Reflection,
	Frames: cause.Pattern{
		"java.lang.reflect.*", "jdk.internal.reflect.*", "sun.reflect.*", "java.lang.Class.getDeclared*",
		"java.lang.Class.getMethod*", "java.lang.Class.getField*", "java.lang.Class.forName*",
		"java.lang.Class.newInstance",
	},
	// Flink's POJO serializer and Avro read fields by reflection, by design.
	Unless: cause.Pattern{
		"*PojoSerializer.*", "org.apache.avro.*",
	},
	Removable: cause.Span{Low: 0.4, High: 0.9},
	Judge:     cause.CostsCPU,
	What:      "reflection",
	Why:       "Looking up and calling members by name costs checks and boxing on each call.",
	Change:    "Call directly, look members up once and keep a MethodHandle, or generate the code.",
	TradeOffs: "Less generic code.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/serialization/types_serialization/",
}
