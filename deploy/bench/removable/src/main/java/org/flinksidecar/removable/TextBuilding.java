package org.flinksidecar.removable;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A text that is split, changed in one place and joined by +=, against one StringBuilder. */
public class TextBuilding extends Pair {
    @Param({"4", "20"})
    int fields;

    private String text;

    @Setup
    public void setUp() {
        text = "field-value;".repeat(fields - 1) + "field-value";
    }

    @Benchmark
    public String before() {
        String joined = "";
        for (String field : text.split(";")) {
            joined += joined.isEmpty() ? field : ";" + field;
        }
        return joined + ";seen";
    }

    @Benchmark
    public String after() {
        StringBuilder joined = new StringBuilder(text.length() + 8);
        for (int from = 0; from < text.length(); ) {
            int end = text.indexOf(';', from);
            end = end < 0 ? text.length() : end;
            joined.append(text, from, end).append(';');
            from = end + 1;
        }
        return joined.append("seen").toString();
    }
}
