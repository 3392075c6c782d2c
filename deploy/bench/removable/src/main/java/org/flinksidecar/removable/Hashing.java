package org.flinksidecar.removable;

import java.security.MessageDigest;
import org.apache.commons.codec.digest.MurmurHash3;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A SHA-256 digest as the key of each record, against Murmur3 of 128 bits. */
public class Hashing extends Pair {
    @Param({"64", "1024"})
    int bytes;

    private byte[] record;

    @Setup
    public void setUp() {
        record = "0123456789abcdef".repeat(bytes / 16).getBytes();
    }

    @Benchmark
    public long before() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(record);
        long key = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            key = key << 8 | digest[i] & 0xff;
        }
        return key;
    }

    @Benchmark
    public long after() {
        return MurmurHash3.hash128x64(record)[0];
    }
}
