package advisor

var exceptions = rule{
	name:     "exceptions",
	category: ExceptionsControlFlow,
	frames: pattern{
		"java.lang.Throwable.fillInStackTrace", "java.lang.Throwable.<init>", "java.lang.Exception.<init>",
		"java.lang.RuntimeException.<init>", "java.lang.Throwable.getStackTrace",
		"java.lang.Throwable.printStackTrace", "JVM_FillInStackTrace", "java_lang_Throwable::*", "Exceptions::*",
	},
	removable: span{low: 0.6, high: 1},
	judge:     costsCPU,
	what:      "making and throwing exceptions",
	why:       "Filling in a stack trace walks a stack that is dozens of frames deep in Flink, each time.",
	change: "Return a result that says what was wrong (Optional, null, a side output) where bad records are " +
		"usual; test before parsing; where an exception must be thrown often, make it without a stack trace.",
	tradeOffs: "Exceptions without traces are harder to diagnose; keep them for what is expected.",
}
