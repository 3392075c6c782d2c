package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var logging = cause.Rule{
	Name:     "logging",
	Category: cause.LoggingHotPath,
	Frames: cause.Pattern{
		"org.apache.logging.*", "org.apache.log4j.*", "ch.qos.logback.*", "org.slf4j.*", "java.util.logging.*",
		"java.io.PrintStream.print*", "mu.*KLogger*", "io.github.oshai.*",
	},
	Removable: cause.Span{Low: 0.7, High: 1},
	Judge:     cause.CostsCPU,
	Settings:  []string{"log.level"},
	What:      "logging",
	Why: "Statements that run for each record format their text and take the appender's lock even where the line " +
		"is of no use to anybody.",
	Change: "Log per record at DEBUG with parameters instead of joined text, keep the level at INFO, sample or " +
		"count instead, and use asynchronous appenders without caller location.",
	TradeOffs: "Fewer lines to look at afterwards; counters and side outputs can replace them.",
	Reference: docsFlink + "deployment/advanced/logging/",
}
