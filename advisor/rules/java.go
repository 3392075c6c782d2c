package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var exceptions = cause.Rule{
	Name:     "exceptions",
	Category: cause.ExceptionsControlFlow,
	Frames: cause.Pattern{
		"java.lang.Throwable.fillInStackTrace", "java.lang.Throwable.<init>", "java.lang.Exception.<init>",
		"java.lang.RuntimeException.<init>", "java.lang.Throwable.getStackTrace",
		"java.lang.Throwable.printStackTrace", "JVM_FillInStackTrace", "java_lang_Throwable::*", "Exceptions::*",
	},
	Removable: cause.Span{Low: 0.6, High: 0.99},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where exceptions without a trace are still thrown"},
	Judge:     cause.CostsCPU,
	What:      "making and throwing exceptions",
	Why:       "Filling in a stack trace walks a stack that is dozens of frames deep in Flink, each time.",
	Change: "Return a result that says what was wrong (Optional, null, a side output) where bad records are " +
		"usual; test before parsing; where an exception must be thrown often, make it without a stack trace.",
	TradeOffs: "Exceptions without traces are harder to diagnose; keep them for what is expected.",
	Reference: docsJDK + "java/lang/Throwable.html",
}

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
	Removable: cause.Span{Low: 0.4, High: 0.93},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where a MethodHandle replaces the call"},
	Judge:     cause.CostsCPU,
	What:      "reflection",
	Why:       "Looking up and calling members by name costs checks and boxing on each call.",
	Change:    "Call directly, look members up once and keep a MethodHandle, or generate the code.",
	TradeOffs: "Less generic code.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/serialization/types_serialization/",
}
