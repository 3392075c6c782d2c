package advisor

var kryo = rule{
	name:     "kryo",
	category: GenericSerialization,
	// Kryo, and Java's own serialization, which is slower still.
	frames: pattern{
		"com.esotericsoftware.*", "*.typeutils.runtime.kryo.*", "*.typeutils.runtime.kryo5.*",
		"com.twitter.chill.*", "java.io.ObjectOutputStream.*", "java.io.ObjectInputStream.*",
	},
	removable: span{low: 0.5, high: 0.9},
	judge:     costsCPU,
	settings:  []string{"generic-types", "force-kryo", "serialization"},
	what:      "generic (Kryo or Java) serialization",
	why: "Flink has no serializer of its own for a type that travels between operators or lives in state, so it " +
		"writes class names and walks fields by reflection for each record.",
	change: "Give the types a serializer that Flink knows: POJOs or records with public fields and a no-argument " +
		"constructor, Avro or Protobuf; state the types with returns(…) or TypeInformation; then set " +
		"pipeline.generic-types: false so that a generic type becomes an error.",
	tradeOffs: "State written by Kryo can't be read by another serializer: plan a migration with the State " +
		"Processor API or start with fresh state.",
}
