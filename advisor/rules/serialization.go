package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var kryo = cause.Rule{
	Name:     "kryo",
	Category: cause.GenericSerialization,
	// Kryo, and Java's own serialization, which is even slower.
	Frames: cause.Pattern{
		"com.esotericsoftware.*", "*.typeutils.runtime.kryo.*", "*.typeutils.runtime.kryo5.*",
		"com.twitter.chill.*", "java.io.ObjectOutputStream.*", "java.io.ObjectInputStream.*",
	},
	Removable: cause.Span{Low: 0.5, High: 0.9},
	Judge:     cause.CostsCPU,
	Settings:  []string{"generic-types", "force-kryo", "serialization"},
	What:      "generic (Kryo or Java) serialization",
	Why: "Flink has no serializer of its own for a type that travels between operators or lives in state, so it " +
		"writes class names and walks fields by reflection for each record.",
	Change: "Give the types a serializer that Flink knows: POJOs or records with public fields and a no-argument " +
		"constructor, Avro or Protobuf; state the types with returns(…) or TypeInformation; then set " +
		"pipeline.generic-types: false so that a generic type becomes an error.",
	TradeOffs: "State written by Kryo can't be read by another serializer: plan a migration with the State " +
		"Processor API or start with fresh state.",
}
