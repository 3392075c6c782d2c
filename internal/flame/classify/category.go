package classify

// Category is a kind of work. The names are part of the output's contract: more
// may come, none is ever renamed.
type Category string

// The categories.
const (
	Kryo              Category = "serialization-kryo"
	JavaSerialization Category = "serialization-java" // ObjectOutputStream and its like
	Avro              Category = "serialization-avro"
	POJO              Category = "serialization-pojo"
	JSON              Category = "serialization-json"
	Protobuf          Category = "serialization-protobuf"
	Serialization     Category = "serialization-flink" // Flink's serializers for types it knows
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
	Flink             Category = "flink" // its runtime, where nothing above says more
	Library           Category = "library"
	User              Category = "user-code"
	GC                Category = "gc"
	JIT               Category = "jit"
	Locks             Category = "locks"
	Waiting           Category = "waiting" // a task off the CPU that is not idle
	Idle              Category = "idle"
	Java              Category = "java"   // the JDK's own classes, where nothing below says more
	Native            Category = "native" // likewise: the JVM, system libraries, the kernel
	Unknown           Category = "unknown"
)

// Tells reports whether the category of a frame settles that of its stack: whether
// it says more than in what the frame was written.
func (c Category) Tells() bool {
	switch c {
	case Java, Native, Unknown, Idle:
		return false
	}
	return true
}

// absorbs lists what is only done in the service of a category when that is found
// further down the stack.
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

// The kinds of threads. All but the first are apart from the records' way through
// the job.
const (
	Task       Thread = "task"       // runs operators
	Source     Thread = "source"     // fetches for a source
	Client     Thread = "client"     // Kafka's, an HTTP client's
	NetworkIO  Thread = "network"    // Netty, the flusher of outputs
	Checkpoint Thread = "checkpoint" // the asynchronous part of checkpoints
	State      Thread = "state"      // flushes and compactions of RocksDB
	RPCs       Thread = "rpc"        // between Flink's processes
	Collector  Thread = "gc"
	Compiler   Thread = "jit"
	VM         Thread = "jvm" // other threads without any Java
	Other      Thread = "other"
)
