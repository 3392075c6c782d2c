package advisor

var compression = rule{
	name:     "compression",
	category: Compression,
	frames: pattern{
		"java.util.zip.Deflater*", "java.util.zip.Inflater*", "java.util.zip.GZIP*", "net.jpountz.lz4.*",
		"org.xerial.snappy.*", "com.github.luben.zstd.*", "io.airlift.compress.*",
		"org.apache.kafka.common.compress.*", "org.apache.commons.compress.*", "LZ4_*", "ZSTD_*", "snappy::*",
		"deflate*", "inflate*", "*.runtime.io.compression.*",
	},
	removable: span{low: 0.2, high: 0.8},
	judge:     costsCPU,
	settings:  []string{"compression"},
	what:      "compression",
	why:       "It is done in the task thread, for each batch or buffer.",
	change: "Choose a cheaper codec (lz4 or zstd at a low level instead of gzip), compress larger batches, and " +
		"don't compress what is compressed already.",
	tradeOffs: "More bytes on network and disk.",
}
