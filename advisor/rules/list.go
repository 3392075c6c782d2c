package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

// All lists every rule of the advisor, one per line. The order is the order of
// attribution: a stack belongs to the first rule that fires, so specific rules come
// before general ones.
//
// To add a rule, add a value in the file of its family, a line here, and a planted
// profile in advisor/planted_test.go.
func All() []cause.Rule {
	return []cause.Rule{
		mapperCreation,
		kryo,
		avroReflect,
		logging,
		exceptions,
		regexCompile,
		dates,
		formatting,
		regexMatch,
		jsonBetween,
		jsonTree,
		jsonTyped,
		tls,
		ciphers,
		randoms,
		hashing,
		checkpointSync,
		diskState,
		heapState,
		sinkRequests,
		asyncFull,
		blockingCalls,
		compression,
		kafkaProducer,
		objectCopies,
		beamCoders,
		python,
		flushing,
		chainingOff,
		locks,
		reflection,
		decimals,
		boxing,
		concat,
		ownCode,
		sinkAtWork,
		gc,
		heapGrowth,
		stateGrowth,
		metaspaceGrowth,
		directMemoryGrowth,
		descriptorGrowth,
		fallsBehind,
		sourceSkew,
		keySkew,
		slowSubtask,
		checkpointFailures,
		checkpointTimeout,
		fullCheckpoints,
		checkpointOverlap,
		checkpointFiles,
		checkpointWork,
		checkpointPause,
		alignment,
		upload,
		fewPartitions,
		kafkaConsumer,
		backpressured,
		freeSlots,
	}
}

// The documentation that findings refer to.
const (
	docsFlink = "https://nightlies.apache.org/flink/flink-docs-stable/docs/"
	docsJDK   = "https://docs.oracle.com/en/java/javase/17/docs/api/java.base/"
)
