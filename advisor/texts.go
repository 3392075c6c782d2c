package advisor

// text is what a rule says beside its numbers.
type text struct {
	what      string // completes "41 % of task CPU time goes into …"
	why       string // why that costs, after the sentence with the numbers
	change    string
	tradeOffs string
}

// advice holds the text of each rule of the table, by name.
var advice = map[string]text{
	"mapper-creation": {
		what:      "building JSON mappers",
		why:       "A mapper inspects classes by reflection and fills its caches when it is new; one that is made for each record never gets to use them.",
		change:    "Make one ObjectMapper (or better one ObjectReader and one ObjectWriter) per operator instance, in open() or as a static final, and use it for every record.",
		tradeOffs: "None of note: mappers are thread-safe once configured. Don't reconfigure a shared one.",
	},
	"kryo": {
		what:      "generic (Kryo or Java) serialization",
		why:       "Flink has no serializer of its own for a type that travels between operators or lives in state, so it writes class names and walks fields by reflection for each record.",
		change:    "Give the types a serializer that Flink knows: POJOs or records with public fields and a no-argument constructor, Avro or Protobuf; state the types with returns(…) or TypeInformation; then set pipeline.generic-types: false so that a generic type becomes an error.",
		tradeOffs: "State written by Kryo can't be read by another serializer: plan a migration with the State Processor API or start with fresh state.",
	},
	"logging": {
		what:      "logging",
		why:       "Statements that run for each record format their text and take the appender's lock even where the line is of no use to anybody.",
		change:    "Log per record at DEBUG with parameters instead of joined text, keep the level at INFO, sample or count instead, and use asynchronous appenders without caller location.",
		tradeOffs: "Fewer lines to look at afterwards; counters and side outputs can replace them.",
	},
	"exceptions": {
		what:      "making and throwing exceptions",
		why:       "Filling in a stack trace walks a stack that is dozens of frames deep in Flink, each time.",
		change:    "Return a result that says what was wrong (Optional, null, a side output) where bad records are usual; test before parsing; where an exception must be thrown often, make it without a stack trace.",
		tradeOffs: "Exceptions without traces are harder to diagnose; keep them for what is expected.",
	},
	"regex-compile": {
		what:      "compiling regular expressions",
		why:       "String.replaceAll, matches and split compile their pattern on each call.",
		change:    "Compile each pattern once into a static final Pattern and reuse it; where the text to find is fixed use indexOf, startsWith or String.replace.",
		tradeOffs: "None.",
	},
	"dates": {
		what:      "formatting or parsing dates",
		why:       "Date formats are interpreted field by field for each record.",
		change:    "Carry times as epoch milliseconds; format once at the edge with a shared DateTimeFormatter; cache the part that stays (the day) where a text is needed.",
		tradeOffs: "Consumers that expect a text need the conversion at their side or at the sink.",
	},
	"formatting": {
		what:      "formatting strings",
		why:       "String.format parses its format and boxes its arguments on each call.",
		change:    "Join with + or a reused StringBuilder on the path of every record, and format only what people read.",
		tradeOffs: "Slightly plainer code for numbers with fixed widths.",
	},
	"regex-match": {
		what:      "matching regular expressions",
		why:       "A backtracking pattern tries many ways through each text.",
		change:    "Check cheaply first (contains, length, first character), anchor patterns, avoid nested quantifiers, or parse by hand the one format that matters.",
		tradeOffs: "Hand-written parsing needs tests for odd input.",
	},
	"json-tree": {
		what:      "JSON as trees and maps",
		why:       "A tree makes an object for each field, name and number of a document and is walked again to be read or written.",
		change:    "Read into a class with a reused ObjectReader and only the fields the job needs; pass fields on as a class; don't parse again in a later operator what an earlier one has parsed.",
		tradeOffs: "Unknown fields are lost unless they are kept on purpose.",
	},
	"json": {
		what:      "reading and writing JSON",
		why:       "JSON is text: each name and number of each record is parsed and written anew.",
		change:    "Read only the fields needed, keep bytes instead of strings, add Jackson's Blackbird module, or change the topic's format to Avro or Protobuf.",
		tradeOffs: "A binary format needs a schema that producers and consumers share.",
	},
	"tls": {
		what:      "TLS and ciphers",
		why:       "Encryption is done in the task thread by a client of the job.",
		change:    "Reuse connections, send larger requests, prefer AES-GCM on processors that have it, or use the native OpenSSL provider; where the network is trusted, end TLS at a proxy on the same host.",
		tradeOffs: "Ending TLS earlier moves the border of trust: ask who owns it.",
	},
	"checkpoint-sync": {
		what:      "the synchronous part of checkpoints",
		why:       "While a task takes its snapshot it processes no record.",
		change:    "Checkpoint less often, keep less in operator state and heap state, and use RocksDB with incremental checkpoints for large state.",
		tradeOffs: "A longer interval means more to replay after a failure, and more latency for transactional sinks.",
	},
	"state": {
		what:      "keyed state",
		why:       "With RocksDB every access serializes the key, and reads that miss its caches go to files.",
		change:    "Read and write each state once per record, prefer ValueState with one object over several, avoid iterating over MapState, give RocksDB more managed memory, or use the heap backend where state fits.",
		tradeOffs: "The heap backend needs memory and has no incremental checkpoints; more managed memory leaves less for tasks.",
	},
	"sink-requests": {
		what:      "requests of a sink",
		why:       "Each request costs a round trip and, at the receiver, a commit; sent for single records these are paid for every one.",
		change:    "Batch: for Elasticsearch 500 to 5000 actions or 5 to 10 MB per bulk request with a flush interval of 200 ms to 1 s, for JDBC a batch size of at least 500; allow more than one request under way where order doesn't matter.",
		tradeOffs: "Records wait up to the flush interval, and a failed request is repeated with all its records: use ids that make that harmless.",
	},
	"blocking-calls": {
		what:      "blocking calls",
		why:       "A task has one thread: while it waits for an answer, no other record of that subtask moves, and a subtask does at most 1/latency records per second.",
		change:    "Use Flink's Async I/O (AsyncDataStream.orderedWait or unorderedWait) with the client's asynchronous method and a bounded capacity; or cache answers; or bring the looked-up data in as a stream and join.",
		tradeOffs: "More requests at once for the service behind it; results in order cost some latency; a cache may be stale.",
	},
	"compression": {
		what:      "compression",
		why:       "It is done in the task thread, for each batch or buffer.",
		change:    "Choose a cheaper codec (lz4 or zstd at a low level instead of gzip), compress larger batches, and don't compress what is compressed already.",
		tradeOffs: "More bytes on network and disk.",
	},
	"kafka-producer": {
		what:      "handing records to the Kafka producer",
		why:       "Small batches wake the sender and take locks for nearly every record.",
		change:    "Raise linger.ms (20 to 100) and batch.size (128 KiB or more), and serialize keys and values into bytes only once.",
		tradeOffs: "Up to linger.ms more latency at low rates.",
	},
	"locks": {
		what:      "contended locks",
		why:       "A task thread that must wait for another thread is as fast as that one.",
		change:    "Keep what is shared between threads out of the path of every record: one client per subtask, thread-safe counters without locks, hand over batches instead of records.",
		tradeOffs: "More memory and connections when clients are no longer shared.",
	},
	"reflection": {
		what:      "reflection",
		why:       "Looking up and calling members by name costs checks and boxing on each call.",
		change:    "Call directly, look members up once and keep a MethodHandle, or generate the code.",
		tradeOffs: "Less generic code.",
	},
	"boxing": {
		what:      "boxing numbers",
		why:       "Each boxed number is an object to allocate and to collect.",
		change:    "Use primitive fields, primitive collections and specialised functions on the path of every record.",
		tradeOffs: "Primitive fields can't be null: give the missing value a meaning.",
	},
	"own-code": {
		why:       "No known pattern is behind it, so it is the method's own work.",
		change:    "Look at its loops and at what it computes again for each record: precompute in open(), keep results in state, choose a data structure that fits the question.",
		tradeOffs: "Measure the change by itself: intuition about hot code is often wrong.",
	},
	"gc": {
		why:       "Its cost comes from how much is allocated for each record, and from how little room the heap leaves.",
		change:    "Allocate less on the path of every record (an ALLOC profile shows where), enable object reuse where operators don't keep their input, and give the task heap more memory or use G1 with a sensible pause goal.",
		tradeOffs: "Object reuse makes operators that keep or change their input wrong; more heap takes memory from others on the host.",
	},
	"heap-growth": {
		why:       "What is left after a collection is in use: state on the heap, caches without a limit, or a leak across restarts.",
		change:    "Bound caches, move large state to RocksDB, and compare two heap histograms some minutes apart to see which class grows.",
		tradeOffs: "State in RocksDB costs more for each access.",
	},
	"state-growth": {
		why:       "Keyed state that is never removed grows with every new key; checkpoints, recovery and rescaling grow with it.",
		change:    "Give the state a time to live (StateTtlConfig with cleanup in the background, table.exec.state.ttl for SQL), clear it by timers when a key is finished, or aggregate into windows.",
		tradeOffs: "What has expired is forgotten: a key that comes back later starts anew. Choose the time with whoever owns the result.",
	},
	"source-skew": {
		why:       "Some partitions carry more than others, or there are fewer partitions than subtasks.",
		change:    "Spread the producer's keys, add partitions in a multiple of the parallelism, or rebalance() directly behind the source.",
		tradeOffs: "More partitions change which key goes where; rebalance() gives up the order within a partition.",
	},
	"key-skew": {
		why:       "A few keys carry most records, and a key's records all go to one subtask.",
		change:    "Aggregate before the shuffle (local-global), add a salt to hot keys and combine in a second step, or handle the hottest keys apart.",
		tradeOffs: "Two steps mean more state and a result that is complete a little later.",
	},
	"checkpoint-pause": {
		why:       "During the synchronous part a task processes no record.",
		change:    "Checkpoint less often, and use incremental checkpoints with RocksDB so that the synchronous part doesn't grow with state.",
		tradeOffs: "A longer interval means more to replay after a failure.",
	},
	"alignment": {
		why:       "Barriers wait behind buffered records, and channels that were faster stand still until the others have caught up.",
		change:    "Remove the backpressure first; enable buffer debloating, or unaligned checkpoints with an alignment timeout.",
		tradeOffs: "Unaligned checkpoints are larger and take longer to restore.",
	},
	"upload": {
		why:       "It runs beside the job, but a checkpoint that isn't over when the next is due delays it.",
		change:    "Use incremental checkpoints, more transfer threads (state.backend.rocksdb.checkpoint.transfer.thread.num), a nearer or faster store, or a longer interval.",
		tradeOffs: "Incremental checkpoints take longer to restore; more threads compete with tasks for network and CPU.",
	},
}
