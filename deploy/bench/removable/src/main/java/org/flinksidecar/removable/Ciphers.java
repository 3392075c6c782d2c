package org.flinksidecar.removable;

import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A Cipher and its key for each record, against one that is made once. */
public class Ciphers extends Pair {
    @Param({"64", "1024"})
    int bytes;

    private final byte[] key = "0123456789abcdef".getBytes();
    private final IvParameterSpec vector = new IvParameterSpec(key);
    private byte[] record;
    private Cipher shared;

    @Setup
    public void setUp() throws Exception {
        record = "0123456789abcdef".repeat(bytes / 16).getBytes();
        shared = made();
    }

    @Benchmark
    public byte[] before() throws Exception {
        return made().doFinal(record);
    }

    @Benchmark
    public byte[] after() throws Exception {
        return shared.doFinal(record);
    }

    private Cipher made() throws Exception {
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), vector);
        return cipher;
    }
}
