package advisor

var logging = rule{
	name:     "logging",
	category: LoggingHotPath,
	frames: pattern{
		"org.apache.logging.*", "org.apache.log4j.*", "ch.qos.logback.*", "org.slf4j.*", "java.util.logging.*",
		"java.io.PrintStream.print*", "mu.*KLogger*", "io.github.oshai.*",
	},
	removable: span{low: 0.7, high: 1},
	judge:     costsCPU,
	settings:  []string{"log.level"},
	what:      "logging",
	why: "Statements that run for each record format their text and take the appender's lock even where the line " +
		"is of no use to anybody.",
	change: "Log per record at DEBUG with parameters instead of joined text, keep the level at INFO, sample or " +
		"count instead, and use asynchronous appenders without caller location.",
	tradeOffs: "Fewer lines to look at afterwards; counters and side outputs can replace them.",
}
