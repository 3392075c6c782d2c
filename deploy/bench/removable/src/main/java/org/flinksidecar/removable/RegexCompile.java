package org.flinksidecar.removable;

import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** String.replaceAll, which compiles its pattern for each record, against a pattern that is compiled once. */
public class RegexCompile extends Pair {
    /** How often the text of ten characters stands in the record. The cost of matching grows with it. */
    @Param({"1", "10"})
    int times;

    private static final String PATTERN = "[^a-z0-9]+([0-9]{2,4})?";
    private static final Pattern COMPILED = Pattern.compile(PATTERN);
    private String text;

    @Setup
    public void setUp() {
        text = "ab-12 cd/e".repeat(times);
    }

    @Benchmark
    public String before() {
        return text.replaceAll(PATTERN, "_");
    }

    /** What the rule counts: matching is another finding. */
    @Benchmark
    public Pattern cause() {
        return Pattern.compile(PATTERN);
    }

    @Benchmark
    public String after() {
        return COMPILED.matcher(text).replaceAll("_");
    }
}
