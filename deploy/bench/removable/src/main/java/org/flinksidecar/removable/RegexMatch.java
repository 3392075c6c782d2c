package org.flinksidecar.removable;

import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A pattern on every record, against a cheap check before it. */
public class RegexMatch extends Pair {
    private static final Pattern ERROR = Pattern.compile(".*\\berror code ([0-9]+)\\b.*");

    /** Of ten records, how many hold what the pattern looks for. */
    @Param({"1", "5"})
    int matching;

    private final String[] texts = new String[10];
    private int next;

    @Setup
    public void setUp() {
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "order 4711 of customer 12 ended with " + (i < matching ? "error code 503 at last" : "success, as before");
        }
    }

    @Benchmark
    public boolean before() {
        return ERROR.matcher(text()).matches();
    }

    @Benchmark
    public boolean after() {
        String text = text();
        return text.contains("error code ") && ERROR.matcher(text).matches();
    }

    private String text() {
        next = (next + 1) % texts.length;
        return texts[next];
    }
}
