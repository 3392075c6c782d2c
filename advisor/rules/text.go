package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var regexCompile = cause.Rule{
	Name:     "regex-compile",
	Category: cause.RegexPerRecord,
	Frames: cause.Pattern{
		"java.util.regex.Pattern.compile", "java.util.regex.Pattern.<init>", "kotlin.text.Regex.<init>",
		"scala.util.matching.Regex.<init>",
	},
	Removable: cause.Span{Low: 0.97, High: 1},
	RestsOn:   cause.Ground{Kind: cause.Measured},
	Judge:     cause.CostsCPU,
	What:      "compiling regular expressions",
	Why:       "String.replaceAll, matches and split compile their pattern on each call.",
	Change: "Compile each pattern once into a static final Pattern and reuse it; where the text to find is fixed " +
		"use indexOf, startsWith or String.replace.",
	TradeOffs: "None.",
	Reference: docsJDK + "java/util/regex/Pattern.html",
}

var regexMatch = cause.Rule{
	Name:     "regex-match",
	Category: cause.RegexPerRecord,
	Frames: cause.Pattern{
		"java.util.regex.*", "kotlin.text.Regex.*", "com.google.re2j.*",
	},
	Removable: cause.Span{Low: 0.1, High: 0.95},
	RestsOn: cause.Ground{
		Kind: cause.Measured,
		Says: "where most records match, or no cheap check can stand before the pattern",
	},
	Judge: cause.CostsCPU,
	What:  "matching regular expressions",
	Why:   "A backtracking pattern tries many ways through each text.",
	Change: "Check cheaply first (contains, length, first character), anchor patterns, avoid nested quantifiers, " +
		"or parse by hand the one format that matters.",
	TradeOffs: "Hand-written parsing needs tests for odd input.",
	Reference: docsJDK + "java/util/regex/Pattern.html",
}

var formatting = cause.Rule{
	Name:     "formatting",
	Category: cause.StringFormatting,
	Frames: cause.Pattern{
		"java.lang.String.format", "java.lang.String.formatted", "java.util.Formatter*",
		"java.text.MessageFormat.*", "java.text.DecimalFormat.*", "java.text.NumberFormat.*",
	},
	Removable: cause.Span{Low: 0.5, High: 0.95},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where numbers need fixed widths"},
	Judge:     cause.CostsCPU,
	What:      "formatting strings",
	Why:       "String.format parses its format and boxes its arguments on each call.",
	Change:    "Join with + or a reused StringBuilder on the path of every record, and format only what people read.",
	TradeOffs: "Slightly plainer code for numbers with fixed widths.",
	Reference: docsJDK + "java/util/Formatter.html",
}

var dates = cause.Rule{
	Name:     "dates",
	Category: cause.DateFormatting,
	Frames: cause.Pattern{
		"java.text.SimpleDateFormat.*", "java.text.DateFormat*", "java.time.format.*", "org.joda.time.format.*",
		"org.apache.commons.lang3.time.*", "sun.util.calendar.*",
	},
	Removable: cause.Span{Low: 0.4, High: 0.9},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Times that travel as numbers are not formatted; a text that is needed costs the rest once.",
	},
	Judge: cause.CostsCPU,
	What:  "formatting or parsing dates",
	Why:   "Date formats are interpreted field by field for each record.",
	Change: "Carry times as epoch milliseconds; format once at the edge with a shared DateTimeFormatter; cache " +
		"the part that stays (the day) where a text is needed.",
	TradeOffs: "Consumers that expect a text need the conversion at their side or at the sink.",
	Parts: []cause.Part{{
		Frames: cause.Pattern{
			"java.text.SimpleDateFormat.<init>", "java.text.SimpleDateFormat.initialize*",
			"java.time.format.DateTimeFormatter.ofPattern", "java.time.format.DateTimeFormatterBuilder.append*",
			"java.time.format.DateTimeFormatterBuilder.toFormatter", "org.joda.time.format.DateTimeFormat.forPattern",
			"org.apache.commons.lang3.time.FastDateFormat.getInstance",
		},
		What:      "making formats, which is needed once for an operator",
		Removable: cause.Span{Low: 0.88, High: 0.93},
		RestsOn:   cause.Ground{Kind: cause.Measured},
	}},
	Reference: docsJDK + "java/time/format/DateTimeFormatter.html",
}

var concat = cause.Rule{
	Name:     "text-building",
	Category: cause.StringFormatting,
	Frames: cause.Pattern{
		"java.lang.StringBuilder.*", "java.lang.AbstractStringBuilder.*", "java.lang.StringBuffer.*",
		"java.lang.StringConcatHelper.*", "java.lang.String.concat", "java.lang.String.join", "java.lang.String.split",
		"java.lang.String.substring", "java.lang.String.toLowerCase", "java.lang.String.toUpperCase",
		"java.lang.String.repeat", "java.util.StringJoiner.*", "java.util.StringTokenizer.*", "java.lang.String.trim",
		"java.lang.String.strip", "java.lang.String.replace",
	},
	Removable: cause.Span{Low: 0.2, High: 0.75},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where the text is needed in the end"},
	Judge:     cause.CostsCPU,
	What:      "building, splitting and changing texts",
	Why:       "Each step copies all characters into a new object.",
	Change: "Keep values as fields and not as one text that is split and joined again; append to one StringBuilder of " +
		"a known size and not with += in a loop; find parts with indexOf and read only those that are needed; bring " +
		"letters to lower case once, where the text enters the job.",
	TradeOffs: "Code that works on positions needs tests for odd input.",
	Reference: docsJDK + "java/lang/StringBuilder.html",
}

var logging = cause.Rule{
	Name:     "logging",
	Category: cause.LoggingHotPath,
	Frames: cause.Pattern{
		"org.apache.logging.*", "org.apache.log4j.*", "ch.qos.logback.*", "org.slf4j.*", "java.util.logging.*",
		"java.io.PrintStream.print*", "mu.*KLogger*", "io.github.oshai.*",
	},
	Removable: cause.Span{Low: 0.7, High: 0.99},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where lines are sampled or written asynchronously"},
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
