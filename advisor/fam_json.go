package advisor

var mapperCreation = rule{
	name:     "mapper-creation",
	category: ObjectMapperPerRecord,
	// What Jackson and Gson do only while a mapper is built or warms up.
	frames: pattern{
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
	removable: span{low: 0.8, high: 1},
	judge:     costsCPU,
	what:      "building JSON mappers",
	why: "A mapper inspects classes by reflection and fills its caches when it is new; one that is made for each " +
		"record never gets to use them.",
	change: "Make one ObjectMapper (or better one ObjectReader and one ObjectWriter) per operator instance, in " +
		"open() or as a static final, and use it for every record.",
	tradeOffs: "None of note: mappers are thread-safe once configured. Don't reconfigure a shared one.",
}

var jsonTree = rule{
	name:     "json-tree",
	category: JSONParsing,
	frames: pattern{
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
	removable: span{low: 0.2, high: 0.6},
	judge:     costsCPU,
	what:      "JSON as trees and maps",
	why: "A tree makes an object for each field, name and number of a document and is walked again to be read or " +
		"written.",
	change: "Read into a class with a reused ObjectReader and only the fields the job needs; pass fields on as a " +
		"class; don't parse again in a later operator what an earlier one has parsed.",
	tradeOffs: "Unknown fields are lost unless they are kept on purpose.",
}

var jsonTyped = rule{
	name:     "json",
	category: JSONParsing,
	frames: pattern{
		"*com.fasterxml.jackson.*", "com.alibaba.fastjson*", "com.dslplatform.json.*",
		"kotlinx.serialization.json.*", "com.squareup.moshi.*", "jakarta.json.*", "*.formats.json.*",
	},
	removable: span{low: 0.05, high: 0.25},
	judge:     costsCPU,
	what:      "reading and writing JSON",
	why:       "JSON is text: each name and number of each record is parsed and written anew.",
	change: "Read only the fields needed, keep bytes instead of strings, add Jackson's Blackbird module, or " +
		"change the topic's format to Avro or Protobuf.",
	tradeOffs: "A binary format needs a schema that producers and consumers share.",
}
