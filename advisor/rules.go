package advisor

// sinkAtWork counts stacks of sinks for the rule about batching.
const sinkAtWork = "sink-at-work"

// table is everything the advisor knows by itself, one line each. The order is
// that of attribution: a stack belongs to the first rule that fires, so what is
// special stands before what is general.
//
// To add one: a pattern in causes.go, a line here, a text in texts.go, and a
// planted profile in rules_test.go.
func table() []rule {
	return []rule{
		{name: "mapper-creation", category: ObjectMapperPerRecord, frames: mapperCreation, removable: span{0.8, 1}, judge: costsCPU},
		{name: "kryo", category: GenericSerialization, frames: kryo, removable: span{0.5, 0.9}, judge: costsCPU, settings: []string{"generic-types", "force-kryo", "serialization"}},
		{name: "logging", category: LoggingHotPath, frames: logging, removable: span{0.7, 1}, judge: costsCPU, settings: []string{"log.level"}},
		{name: "exceptions", category: ExceptionsControlFlow, frames: throwing, removable: span{0.6, 1}, judge: costsCPU},
		{name: "regex-compile", category: RegexPerRecord, frames: regexCompiling, removable: span{0.6, 0.95}, judge: costsCPU},
		{name: "dates", category: DateFormatting, frames: dates, removable: span{0.4, 0.9}, judge: costsCPU},
		{name: "formatting", category: StringFormatting, frames: formatting, removable: span{0.5, 0.9}, judge: costsCPU},
		{name: "regex-match", category: RegexPerRecord, frames: regexMatching, removable: span{0.1, 0.5}, judge: costsCPU},
		{name: "json-tree", category: JSONParsing, frames: jsonTrees, removable: span{0.2, 0.6}, judge: costsCPU},
		{name: "json", category: JSONParsing, frames: jsonTyped, removable: span{0.05, 0.25}, judge: costsCPU},
		{name: "tls", category: TLSCrypto, frames: ciphering, removable: span{0.2, 0.6}, judge: costsCPU, settings: []string{"ssl"}},
		{name: "checkpoint-sync", category: CheckpointInterval, frames: snapshotting, removable: span{0.3, 0.8}, judge: costsCPU, settings: []string{"execution.checkpointing", "state.backend"}},
		{name: "state", category: StateAccess, frames: state, removable: span{0.1, 0.5}, judge: costsCPU, settings: []string{"state.backend", "memory.managed"}},
		{name: "sink-requests", category: SinkBatching, frames: requesting, below: sinking, unless: sinkingToKafka, removable: span{0.5, 0.95}, waits: true, judge: sendsSingly, settings: []string{"bulk", "batch", "flush", "linger"}},
		{name: "blocking-calls", category: BlockingIO, frames: blockingCalls, unless: blockingByDesign, removable: span{0.5, 0.95}, waits: true, judge: blocks, settings: []string{"async", "lookup"}},
		{name: "compression", category: Compression, frames: compressing, removable: span{0.2, 0.8}, judge: costsCPU, settings: []string{"compression"}},
		{name: "kafka-producer", category: KafkaProducer, frames: producing, removable: span{0.05, 0.4}, judge: costsCPU, settings: []string{"linger.ms", "batch.size", "delivery-guarantee"}},
		{name: "locks", category: LockContention, frames: locking, removable: span{0.2, 0.8}, judge: costsCPU},
		{name: "reflection", category: Reflection, frames: reflecting, unless: reflectingByDesign, removable: span{0.4, 0.9}, judge: costsCPU},
		{name: "boxing", category: BoxingAllocation, frames: boxing, removable: span{0.3, 0.8}, judge: costsCPU},
		{name: "own-code", category: Other, removable: span{0.1, 0.5}, judge: ownCode},
		{name: sinkAtWork, frames: sinking, unless: sinkingToKafka, judge: never},
		{name: "gc", category: GCPressure, removable: span{0.2, 0.8}, judge: pausesForGC, settings: []string{"taskmanager.memory", "java.opts"}},
		{name: "heap-growth", category: GCPressure, judge: grows(SignalHeapAfterGC), settings: []string{"taskmanager.memory"}},
		{name: "state-growth", category: StateGrowth, judge: grows(SignalCheckpointSize, SignalCheckpointDuration), settings: []string{"ttl", "state.backend", "execution.checkpointing"}},
		{name: "source-skew", category: SourceParallelism, removable: span{0.4, 1}, judge: skewed(true)},
		{name: "key-skew", category: HotKey, removable: span{0.4, 1}, judge: skewed(false)},
		{name: "checkpoint-pause", category: CheckpointInterval, removable: span{0.3, 0.8}, judge: ofInterval("synchronous part", func(c *Checkpoints) *float64 { return c.Sync }), settings: []string{"execution.checkpointing"}},
		{name: "alignment", category: CheckpointAlignment, removable: span{0.5, 0.95}, judge: ofInterval("alignment", func(c *Checkpoints) *float64 { return c.Alignment }), settings: []string{"execution.checkpointing", "buffer-debloat"}},
		{name: "upload", category: CheckpointUpload, judge: uploadsLong, settings: []string{"execution.checkpointing", "incremental", "transfer.thread"}},
	}
}
