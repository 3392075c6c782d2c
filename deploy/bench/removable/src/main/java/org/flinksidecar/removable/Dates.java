package org.flinksidecar.removable;

import java.text.SimpleDateFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** A SimpleDateFormat for each record, against a shared DateTimeFormatter. */
public class Dates extends Pair {
    @Param({"yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss.SSS"})
    String pattern;

    private DateTimeFormatter shared;
    private long at = 1_700_000_000_000L;

    @Benchmark
    public String before() {
        SimpleDateFormat format = new SimpleDateFormat(pattern, Locale.ROOT);
        format.setTimeZone(TimeZone.getTimeZone("UTC"));
        return format.format(new Date(at++));
    }

    @Benchmark
    public String after() {
        if (shared == null) {
            shared = DateTimeFormatter.ofPattern(pattern, Locale.ROOT).withZone(ZoneOffset.UTC);
        }
        return shared.format(Instant.ofEpochMilli(at++));
    }
}
