package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

// All is everything the advisor knows by itself, one line each. The order is
// that of attribution: a stack belongs to the first rule that fires, so what is
// special stands before what is general.
//
// To add one: a value in the file of its family, a line here, and a planted
// profile in the test.
func All() []cause.Rule {
	return []cause.Rule{
		mapperCreation,
		kryo,
		logging,
		exceptions,
		regexCompile,
		dates,
		formatting,
		regexMatch,
		jsonTree,
		jsonTyped,
		tls,
		checkpointSync,
		state,
		sinkRequests,
		blockingCalls,
		compression,
		kafkaProducer,
		locks,
		reflection,
		boxing,
		ownCode,
		sinkAtWork,
		gc,
		heapGrowth,
		stateGrowth,
		sourceSkew,
		keySkew,
		checkpointPause,
		alignment,
		upload,
	}
}
