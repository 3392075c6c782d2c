package classify

// Category is a kind of work. The names are part of the output's contract: new ones may
// come, but none is renamed.
type Category string

// The categories.
const (
	Kryo              Category = "serialization-kryo"
	JavaSerialization Category = "serialization-java" // ObjectOutputStream and ObjectInputStream
	Avro              Category = "serialization-avro"
	POJO              Category = "serialization-pojo"
	JSON              Category = "serialization-json"
	Protobuf          Category = "serialization-protobuf"
	Serialization     Category = "serialization-flink" // Flink's own serializers
	Regex             Category = "regex"
	StringBuilding    Category = "string-building"
	Logging           Category = "logging"
	Dates             Category = "dates"
	Compression       Category = "compression"
	TLS               Category = "tls"
	StateBackend      Category = "state-backend"
	Checkpointing     Category = "checkpointing"
	Network           Category = "network-stack"
	Kafka             Category = "kafka-client"
	Elasticsearch     Category = "elasticsearch-client"
	HTTP              Category = "http-client"
	RPC               Category = "rpc"
	Flink             Category = "flink" // its runtime, without a more specific category
	Library           Category = "library"
	User              Category = "user-code"
	GC                Category = "gc"
	JIT               Category = "jit"
	Locks             Category = "locks"
	Waiting           Category = "waiting" // a task off the CPU that is not idle
	Idle              Category = "idle"
	Java              Category = "java"   // the JDK's own classes, without a more specific category
	Native            Category = "native" // the JVM, system libraries and the kernel
	Unknown           Category = "unknown"
)

// Tells reports whether the category is specific, so that it decides the category of a
// stack. The categories that only say where code comes from are not specific.
func (c Category) Tells() bool {
	switch c {
	case Java, Native, Unknown, Idle:
		return false
	}
	return true
}

// absorbs lists, for each category, the categories that count as its work when they are
// called from it.
var absorbs = map[Category][]Category{
	Logging: {StringBuilding, Dates, Regex, Compression, Serialization},
	Checkpointing: {
		Kryo, JavaSerialization, Avro, POJO, Serialization, Compression, StringBuilding, StateBackend, Network,
		Flink, Library,
	},
	StateBackend:      {Flink},
	Elasticsearch:     {HTTP, Library},
	Kafka:             {Library},
	Kryo:              {JavaSerialization, Serialization, StringBuilding, Library},
	JavaSerialization: {StringBuilding},
	Avro:              {Serialization, StringBuilding, Library},
	POJO:              {Serialization},
	JSON:              {StringBuilding, Library},
	Regex:             {StringBuilding},
	Dates:             {StringBuilding},
	RPC:               {JavaSerialization, Flink, Library},
}

// Thread is the kind of thread that a stack ran in.
type Thread string

// The kinds of threads. Only task threads run the operators of the job.
const (
	Task       Thread = "task"       // runs operators
	Source     Thread = "source"     // fetches records for a source
	Client     Thread = "client"     // a Kafka or HTTP client
	NetworkIO  Thread = "network"    // Netty and the flusher of outputs
	Checkpoint Thread = "checkpoint" // the asynchronous part of checkpoints
	State      Thread = "state"      // flushes and compactions of RocksDB
	RPCs       Thread = "rpc"        // calls between Flink's processes
	Collector  Thread = "gc"
	Compiler   Thread = "jit"
	VM         Thread = "jvm"   // other threads without Java frames
	Other      Thread = "other" // other threads with Java frames
)
