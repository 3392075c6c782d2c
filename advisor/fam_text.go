package advisor

var regexCompile = rule{
	name:     "regex-compile",
	category: RegexPerRecord,
	frames: pattern{
		"java.util.regex.Pattern.compile", "java.util.regex.Pattern.<init>", "java.lang.String.replaceAll",
		"java.lang.String.replaceFirst", "java.lang.String.matches", "kotlin.text.Regex.<init>",
		"scala.util.matching.Regex.<init>",
	},
	removable: span{low: 0.6, high: 0.95},
	judge:     costsCPU,
	what:      "compiling regular expressions",
	why:       "String.replaceAll, matches and split compile their pattern on each call.",
	change: "Compile each pattern once into a static final Pattern and reuse it; where the text to find is fixed " +
		"use indexOf, startsWith or String.replace.",
	tradeOffs: "None.",
}

var regexMatch = rule{
	name:     "regex-match",
	category: RegexPerRecord,
	frames: pattern{
		"java.util.regex.*", "kotlin.text.Regex.*", "com.google.re2j.*",
	},
	removable: span{low: 0.1, high: 0.5},
	judge:     costsCPU,
	what:      "matching regular expressions",
	why:       "A backtracking pattern tries many ways through each text.",
	change: "Check cheaply first (contains, length, first character), anchor patterns, avoid nested quantifiers, " +
		"or parse by hand the one format that matters.",
	tradeOffs: "Hand-written parsing needs tests for odd input.",
}

var formatting = rule{
	name:     "formatting",
	category: StringFormatting,
	frames: pattern{
		"java.lang.String.format", "java.lang.String.formatted", "java.util.Formatter*",
		"java.text.MessageFormat.*", "java.text.DecimalFormat.*", "java.text.NumberFormat.*",
	},
	removable: span{low: 0.5, high: 0.9},
	judge:     costsCPU,
	what:      "formatting strings",
	why:       "String.format parses its format and boxes its arguments on each call.",
	change:    "Join with + or a reused StringBuilder on the path of every record, and format only what people read.",
	tradeOffs: "Slightly plainer code for numbers with fixed widths.",
}

var dates = rule{
	name:     "dates",
	category: DateFormatting,
	frames: pattern{
		"java.text.SimpleDateFormat.*", "java.text.DateFormat*", "java.time.format.*", "org.joda.time.format.*",
		"org.apache.commons.lang3.time.*", "sun.util.calendar.*",
	},
	removable: span{low: 0.4, high: 0.9},
	judge:     costsCPU,
	what:      "formatting or parsing dates",
	why:       "Date formats are interpreted field by field for each record.",
	change: "Carry times as epoch milliseconds; format once at the edge with a shared DateTimeFormatter; cache " +
		"the part that stays (the day) where a text is needed.",
	tradeOffs: "Consumers that expect a text need the conversion at their side or at the sink.",
}
