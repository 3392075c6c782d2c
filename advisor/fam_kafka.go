package advisor

var kafkaProducer = rule{
	name:     "kafka-producer",
	category: KafkaProducer,
	frames: pattern{
		"org.apache.kafka.clients.producer.*", "*.connector.kafka.sink.internal.FlinkKafkaInternalProducer.*",
		"*.connector.kafka.sink.FlinkKafkaInternalProducer.*",
	},
	removable: span{low: 0.05, high: 0.4},
	judge:     costsCPU,
	settings:  []string{"linger.ms", "batch.size", "delivery-guarantee"},
	what:      "handing records to the Kafka producer",
	why:       "Small batches wake the sender and take locks for nearly every record.",
	change: "Raise linger.ms (20 to 100) and batch.size (128 KiB or more), and serialize keys and values into " +
		"bytes only once.",
	tradeOffs: "Up to linger.ms more latency at low rates.",
}
