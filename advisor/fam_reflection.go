package advisor

var reflection = rule{
	name:     "reflection",
	category: Reflection,
	frames: pattern{
		"java.lang.reflect.*", "jdk.internal.reflect.*", "sun.reflect.*", "java.lang.Class.getDeclared*",
		"java.lang.Class.getMethod*", "java.lang.Class.getField*", "java.lang.Class.forName*",
		"java.lang.Class.newInstance",
	},
	// Flink's POJO serializer and Avro read fields by reflection, by design.
	unless: pattern{
		"*PojoSerializer.*", "org.apache.avro.*",
	},
	removable: span{low: 0.4, high: 0.9},
	judge:     costsCPU,
	what:      "reflection",
	why:       "Looking up and calling members by name costs checks and boxing on each call.",
	change:    "Call directly, look members up once and keep a MethodHandle, or generate the code.",
	tradeOffs: "Less generic code.",
}
