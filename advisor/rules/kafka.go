package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var kafkaProducer = cause.Rule{
	Name:     "kafka-producer",
	Category: cause.KafkaProducer,
	Frames: cause.Pattern{
		"org.apache.kafka.clients.producer.*", "*.connector.kafka.sink.internal.FlinkKafkaInternalProducer.*",
		"*.connector.kafka.sink.FlinkKafkaInternalProducer.*",
	},
	Removable: cause.Span{Low: 0.05, High: 0.4},
	Judge:     cause.CostsCPU,
	Settings:  []string{"linger.ms", "batch.size", "delivery-guarantee"},
	What:      "handing records to the Kafka producer",
	Why:       "Small batches wake the sender and take locks for nearly every record.",
	Change: "Raise linger.ms (20 to 100) and batch.size (128 KiB or more), and serialize keys and values into " +
		"bytes only once.",
	TradeOffs: "Up to linger.ms more latency at low rates.",
	Reference: docsFlink + "connectors/datastream/kafka/",
}
