package com.acme;

import java.util.*;

/** A class { with a brace. process(x) { */
public class Job extends Base<Map<String, Integer>> {
    static final char OPEN = '{', QUOTE = '"', ESCAPED = '\'', CODE = '\u007b';
    static final String TEXT = "} // no comment \" {", BLOCK = """
        process(a) { "quoted" \""" { } }
        """;
    private int count = compute(1);

    static {
        TABLE.put("}", 1);
    }

    public Job(String name) {
        this(name, () -> { return 1; });
    }

    // process(Old o) { }
    @Override
    @SuppressWarnings({"unchecked", "a)b"})
    public <T extends Comparable<T>> List<T>
            process(Map<String, List<T>> in, int n) throws java.io.IOException, IllegalStateException {
        if (n > 0) {
            return process(in, n - 1);
        }
        Runnable r = new Runnable() {
            @Override public void run() {
                Job.this.process(null);
            }
        };
        return in.values().stream().map(v -> { return v.get(0); }).toList();
    }

    void process(Object one) { count++; } // the other

    abstract void later(int x);

    private static int compute(int x)
    {
        return x;
    }

    static class Enricher implements Function {
        public void process(String s) {
            s.replaceAll("\\{", "}");
        }

        class Deep { int deep() { return 1; } }
    }

    interface Shape { default double area() { return 0; } }

    record Point(int x, int y) {
        Point { if (x < 0) { throw new IllegalArgumentException("{"); } }
        int sum() { return x + y; }
    }

    enum Kind {
        A { @Override int code() { return 1; } }, B;
        int code() { return 0; }
    }
}

class Helper {
    int help() { return 2; }
}
//~ com/acme/Job.process = 22-35 37-37
//~ com/acme/Job.lambda$process$0 = 22-35 37-37
//~ com/acme/Job$1.run = 30-32
//~ com/acme/Job.compute = 41-44
//~ com/acme/Job.later =
//~ com/acme/Job.<init> = 17-19
//~ com/acme/Job.lambda$new$0 = 17-19
//~ com/acme/Job.<clinit> = 13-15
//~ com/acme/Job$Enricher.process = 47-49
//~ com/acme/Job$Enricher$Deep.deep = 51-51
//~ com/acme/Job$Shape.area = 54-54
//~ com/acme/Job$Point.sum = 58-58
//~ com/acme/Job$Kind.code = 63-63
//~ com/acme/Job$Kind$1.code = 62-62
//~ com/acme/Helper.help = 68-68
//~ com/acme/Job.values =
