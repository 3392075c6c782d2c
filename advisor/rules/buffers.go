package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var flushing = cause.Rule{
	Name:     "buffer-flushes",
	Category: cause.NetworkBuffers,
	Frames: cause.Pattern{
		"org.apache.flink.runtime.io.network.api.writer.RecordWriter.flush*",
		"org.apache.flink.runtime.io.network.partition.*.flush*",
		"org.apache.flink.runtime.io.network.partition.PipelinedSubpartition.notifyDataAvailable",
	},
	Removable: cause.Span{Low: 0.4, High: 0.9},
	Judge:     cause.CostsCPU,
	Settings:  []string{"buffer-timeout", "network.memory"},
	What:      "sending network buffers that are not full",
	Why:       "A buffer that is sent for each record costs a notification and a message of the network for each record.",
	Change: "Set execution.buffer-timeout.interval to some milliseconds (the default is 100 ms) and remove a timeout of " +
		"0 from the code (setBufferTimeout). With execution.buffer-timeout.enabled: false only full buffers are sent.",
	TradeOffs: "A record waits for up to that time where few arrive.",
	Reference: docsFlink + "deployment/memory/network_mem_tuning/",
}
