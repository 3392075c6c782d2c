package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var mapperCreation = cause.Rule{
	Name:     "mapper-creation",
	Category: cause.ObjectMapperPerRecord,
	// Methods that Jackson and Gson call only while a mapper is built or warms up.
	Frames: cause.Pattern{
		"*com.fasterxml.jackson.databind.ObjectMapper.<init>",
		"*com.fasterxml.jackson.databind.json.JsonMapper.<init>",
		"*com.fasterxml.jackson.databind.json.JsonMapper.builder",
		"*com.fasterxml.jackson.databind.ObjectMapper.registerModule*",
		"*com.fasterxml.jackson.databind.ObjectMapper.findModules*",
		"*com.fasterxml.jackson.databind.deser.DeserializerCache._create*",
		"*com.fasterxml.jackson.databind.deser.BeanDeserializerFactory.buildBeanDeserializer*",
		"*com.fasterxml.jackson.databind.SerializerProvider._createAndCache*",
		"*com.fasterxml.jackson.databind.ser.BeanSerializerFactory.*",
		"*com.fasterxml.jackson.databind.introspect.POJOPropertiesCollector.*",
		"*com.fasterxml.jackson.databind.introspect.AnnotatedClassResolver.*",
		"*com.fasterxml.jackson.databind.introspect.BasicClassIntrospector.*",
		"*com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector.*",
		"com.google.gson.Gson.<init>", "com.google.gson.GsonBuilder.create",
	},
	Removable: cause.Span{Low: 0.9, High: 0.98},
	RestsOn:   cause.Ground{Kind: cause.Measured},
	Judge:     cause.CostsCPU,
	What:      "building JSON mappers",
	Why: "A mapper inspects classes by reflection and fills its caches when it is new; one that is made for each " +
		"record never gets to use them.",
	Change: "Make one ObjectMapper (or better one ObjectReader and one ObjectWriter) per operator instance, in " +
		"open() or as a static final, and use it for every record.",
	TradeOffs: "None of note: mappers are thread-safe once configured. Don't reconfigure a shared one.",
	Reference: "https://github.com/FasterXML/jackson-docs/wiki/Presentation:-Jackson-Performance",
}

// jsonBetween is JSON as the form in which records travel between tasks or are copied: a
// serializer of the job that writes texts.
var jsonBetween = cause.Rule{
	Name:     "json-serializer",
	Category: cause.JSONParsing,
	Frames: cause.Pattern{
		"*com.fasterxml.jackson.*", "com.google.gson.*", "org.json.*", "com.alibaba.fastjson*", "com.dslplatform.json.*",
		"net.minidev.json.*", "com.squareup.moshi.*", "jakarta.json.*",
	},
	Below: cause.Pattern{
		"org.apache.flink.runtime.plugable.SerializationDelegate.write",
		"org.apache.flink.runtime.plugable.*DeserializationDelegate.read",
		"org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer.*", "*Serializer.copy",
	},
	Removable: cause.Span{Low: 0.55, High: 0.8},
	RestsOn:   cause.Ground{Kind: cause.Measured},
	Judge:     cause.CostsCPU,
	Settings:  []string{"serialization"},
	What:      "JSON text inside a serializer, between tasks of this job",
	Why:       "Records that only this job reads are written as text and parsed again at the next task.",
	Change: "Let Flink serialize the type: make it a POJO (public class, public constructor without arguments, fields that " +
		"are public or have getters and setters) or a class that Avro generated, and remove the serializer of the job's own. " +
		"Check with pipeline.generic-types: false that Kryo does not take over.",
	TradeOffs: "State that was written with the old serializer needs a migration or a fresh start.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/serialization/types_serialization/",
}

var jsonTree = cause.Rule{
	Name:     "json-tree",
	Category: cause.JSONParsing,
	Frames: cause.Pattern{
		"*com.fasterxml.jackson.databind.ObjectMapper.readTree",
		"*com.fasterxml.jackson.databind.ObjectReader.readTree",
		"*com.fasterxml.jackson.databind.*JsonNodeDeserializer*",
		"*com.fasterxml.jackson.databind.*UntypedObjectDeserializer*",
		"*com.fasterxml.jackson.databind.ObjectMapper.convertValue",
		"*com.fasterxml.jackson.databind.ObjectMapper.valueToTree",
		"*com.fasterxml.jackson.databind.ObjectMapper.treeToValue",
		"*com.fasterxml.jackson.databind.node.*serialize*", "org.json.*", "com.google.gson.*",
		"net.minidev.json.*", "org.json4s.*", "play.api.libs.json.*", "com.jayway.jsonpath.*", "io.circe.*",
	},
	Removable: cause.Span{Low: 0.15, High: 0.5},
	RestsOn:   cause.Ground{Kind: cause.Measured},
	Judge:     cause.CostsCPU,
	What:      "JSON as trees and maps",
	Why: "A tree makes an object for each field, name and number of a document and is walked again to be read or " +
		"written.",
	Change: "Read into a class with a reused ObjectReader and only the fields the job needs; pass fields on as a " +
		"class; don't parse again in a later operator what an earlier one has parsed.",
	TradeOffs: "Unknown fields are lost unless they are kept on purpose.",
	Reference: "https://github.com/FasterXML/jackson-docs/wiki/Presentation:-Jackson-Performance",
}

var jsonTyped = cause.Rule{
	Name:     "json",
	Category: cause.JSONParsing,
	Frames: cause.Pattern{
		"*com.fasterxml.jackson.*", "com.alibaba.fastjson*", "com.dslplatform.json.*",
		"kotlinx.serialization.json.*", "com.squareup.moshi.*", "jakarta.json.*", "*.formats.json.*",
	},
	Removable: cause.Span{Low: 0.03, High: 0.25},
	RestsOn: cause.Ground{
		Kind: cause.Documented,
		Says: "Blackbird's benchmarks show 3 to 9 % less time for beans of five properties; fewer fields save more",
	},
	Judge: cause.CostsCPU,
	What:  "reading and writing JSON",
	Why:   "JSON is text: each name and number of each record is parsed and written anew.",
	Change: "Read only the fields needed, keep bytes instead of strings, add Jackson's Blackbird module, or " +
		"change the topic's format to Avro or Protobuf.",
	TradeOffs: "A binary format needs a schema that producers and consumers share.",
	Reference: "https://github.com/FasterXML/jackson-docs/wiki/Presentation:-Jackson-Performance",
}
