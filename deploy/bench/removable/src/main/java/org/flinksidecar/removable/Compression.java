package org.flinksidecar.removable;

import java.util.zip.Deflater;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Deflate (gzip's method) at its usual level, against its cheapest level. Both make valid output of other sizes. */
public class Compression extends Pair {
    @Param({"1024", "65536"})
    int bytes;

    private byte[] record;
    private byte[] compressed;

    @Setup
    public void setUp() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; text.length() < bytes; i++) {
            text.append("{\"customer\":").append(i * 7919 % 1000).append(",\"amount\":").append(i * 31 % 977).append("},");
        }
        record = text.substring(0, bytes).getBytes();
        compressed = new byte[2 * bytes];
    }

    @Benchmark
    public int before() {
        return deflate(Deflater.DEFAULT_COMPRESSION);
    }

    @Benchmark
    public int after() {
        return deflate(Deflater.BEST_SPEED);
    }

    private int deflate(int level) {
        Deflater deflater = new Deflater(level);
        deflater.setInput(record);
        deflater.finish();
        int length = deflater.deflate(compressed);
        deflater.end();
        return length;
    }
}
