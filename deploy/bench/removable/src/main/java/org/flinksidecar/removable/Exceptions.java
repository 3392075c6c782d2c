package org.flinksidecar.removable;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.CompilerControl;
import org.openjdk.jmh.annotations.Param;

/** A NumberFormatException for each bad record, against a check of its characters. */
public class Exceptions extends Pair {
    /** How deep the stack is at which the exception is made: a task of Flink has some 20 to 60 frames. */
    @Param({"20", "60"})
    int depth;

    private final String bad = "12a45";

    @Benchmark
    public int before() {
        return deep(depth, true);
    }

    @Benchmark
    public int after() {
        return deep(depth, false);
    }

    @CompilerControl(CompilerControl.Mode.DONT_INLINE)
    private int deep(int left, boolean thrown) {
        if (left > 0) {
            return deep(left - 1, thrown);
        }
        return thrown ? parse(bad) : checked(bad);
    }

    private static int parse(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static int checked(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return -1;
            }
        }
        return Integer.parseInt(text);
    }
}
