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
	Removable: cause.Span{Low: 0.5, High: 0.75},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where types are registered with Kryo"},
	Judge:     cause.CostsCPU,
	Settings:  []string{"generic-types", "force-kryo", "serialization"},
	What:      "generic (Kryo or Java) serialization",
	Why: "Flink has no serializer of its own for a type that travels between operators or lives in state, so it " +
		"writes class names and walks fields by reflection for each record.",
	Change: "Give the types a serializer that Flink knows: a POJO (a public class with a public constructor without " +
		"arguments, and fields that are public or have getters and setters), a Java record since Flink 1.19, or a " +
		"class that Avro generated. Flink has none for Protobuf classes: register one of your own, for example with " +
		"TypeInformation. State the types with returns(…). Then set pipeline.generic-types: false, so that a generic " +
		"type becomes an error.",
	TradeOffs: "State written by Kryo can't be read by another serializer: plan a migration with the State " +
		"Processor API or start with fresh state.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/serialization/types_serialization/",
}

var avroReflect = cause.Rule{
	Name:       "avro-reflect",
	Unrecorded: true,
	Category:   cause.GenericSerialization,
	Frames:     cause.Pattern{"org.apache.avro.reflect.*"},
	Removable:  cause.Span{Low: 0.3, High: 0.7},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "The fields are read by reflection, as Kryo reads them: somewhat less than its part.",
	},
	Judge:    cause.CostsCPU,
	Settings: []string{"serialization", "avro"},
	What:     "Avro by reflection",
	Why:      "Avro reads and writes each field of a class that it did not generate by reflection.",
	Change: "Generate the class from its schema (a SpecificRecord), or make it a POJO for which Flink has a serializer " +
		"of its own, and do not set pipeline.force-avro.",
	TradeOffs: "State that was written by reflection needs a schema that stays compatible, or a migration.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/serialization/types_serialization/",
}
