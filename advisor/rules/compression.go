package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var compression = cause.Rule{
	Name:     "compression",
	Category: cause.Compression,
	Frames: cause.Pattern{
		"java.util.zip.Deflater*", "java.util.zip.Inflater*", "java.util.zip.GZIP*", "net.jpountz.lz4.*",
		"org.xerial.snappy.*", "com.github.luben.zstd.*", "io.airlift.compress.*",
		"org.apache.kafka.common.compress.*", "org.apache.commons.compress.*", "LZ4_*", "ZSTD_*", "snappy::*",
		"deflate*", "inflate*", "*.runtime.io.compression.*",
	},
	Removable: cause.Span{Low: 0.2, High: 0.75},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where the codec is a cheap one already"},
	Judge:     cause.CostsCPU,
	Settings:  []string{"compression"},
	What:      "compression",
	Why:       "It is done in the task thread, for each batch or buffer.",
	Change: "Choose a cheaper codec (lz4 or zstd at a low level instead of gzip), compress larger batches, and " +
		"don't compress what is compressed already.",
	TradeOffs: "More bytes on network and disk.",
	Reference: "https://kafka.apache.org/documentation/#producerconfigs_compression.type",
}
