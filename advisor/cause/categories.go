package cause

import "slices"

// The categories of findings. They are part of the output's contract: new ones may be
// added, but none is renamed.
const (
	GenericSerialization  = "generic-serialization"
	JSONParsing           = "json-parsing"
	ObjectMapperPerRecord = "object-mapper-per-record"
	RegexPerRecord        = "regex-per-record"
	StringFormatting      = "string-formatting"
	DateFormatting        = "date-formatting"
	LoggingHotPath        = "logging-hot-path"
	ExceptionsControlFlow = "exceptions-control-flow"
	Reflection            = "reflection"
	BoxingAllocation      = "boxing-allocation"
	BlockingIO            = "blocking-io"
	LockContention        = "lock-contention"
	HotKey                = "hot-key"
	StateAccess           = "state-access"
	StateGrowth           = "state-growth"
	CheckpointInterval    = "checkpoint-interval"
	CheckpointUpload      = "checkpoint-upload"
	CheckpointAlignment   = "checkpoint-alignment"
	SinkBatching          = "sink-batching"
	KafkaProducer         = "kafka-producer"
	SourceParallelism     = "source-parallelism"
	GCPressure            = "gc-pressure"
	Compression           = "compression"
	TLSCrypto             = "tls-crypto"
	NetworkBuffers        = "network-buffers"
	Other                 = "other"
)

var categories = []string{
	GenericSerialization, JSONParsing, ObjectMapperPerRecord, RegexPerRecord, StringFormatting, DateFormatting,
	LoggingHotPath, ExceptionsControlFlow, Reflection, BoxingAllocation, BlockingIO, LockContention, HotKey,
	StateAccess, StateGrowth, CheckpointInterval, CheckpointUpload, CheckpointAlignment, SinkBatching,
	KafkaProducer, SourceParallelism, GCPressure, Compression, TLSCrypto, NetworkBuffers, Other,
}

// Categories returns every category a finding may have.
func Categories() []string { return slices.Clone(categories) }
