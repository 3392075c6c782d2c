package org.openarchive.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/**
 * Prepares pages for an archive. Planted, by {@code --what=}: {@code gzip} compresses each page by itself,
 * {@code cipher} encrypts each with a cipher got anew, {@code digest} hashes each many times over, {@code uuid} names
 * each by a random UUID per line.
 */
public final class ArchiveJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        String what = setup.healthy() ? "nothing" : setup.text("what", "gzip");
        setup.feed("pages", Types.STRING, ArchiveJob::page)
                .rebalance()
                .map(new Prepare(what, setup.number("folds", 20)))
                .returns(PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO)
                .name("prepare pages")
                .sinkTo(new DiscardingSink<>())
                .name("archive");
        setup.env().execute("page archive");
    }

    static String page(long n) {
        StringBuilder page = new StringBuilder(1200);
        for (int line = 0; line < 20; line++) {
            page.append("<p id=")
                    .append(n + line)
                    .append(">In the year ")
                    .append(1500 + n % 500)
                    .append(" of the log</p>\n");
        }
        return page.toString();
    }

    static final class Prepare extends RichMapFunction<String, byte[]> {

        private static final byte[] KEY = Arrays.copyOf("not a secret".getBytes(StandardCharsets.US_ASCII), 16);

        private final String what;
        private final int folds;

        Prepare(String what, int folds) {
            this.what = what;
            this.folds = folds;
        }

        @Override
        public byte[] map(String page) throws Exception {
            byte[] text = page.getBytes(StandardCharsets.UTF_8);
            text[0] = (byte) shingles(text);
            switch (what) {
                case "gzip":
                    return compress(text);
                case "cipher":
                    return encrypt(text);
                case "digest":
                    return seal(text);
                case "uuid":
                    return label(text);
                default:
                    return text;
            }
        }

        /** What the job is for: a fingerprint of all sequences of eight bytes. */
        private long shingles(byte[] text) {
            long least = Long.MAX_VALUE;
            for (int fold = 0; fold < folds; fold++) {
                long rolling = fold;
                for (byte b : text) {
                    rolling = rolling * 0x9E3779B97F4A7C15L + b;
                    least = Math.min(least, rolling ^ rolling >>> 29);
                }
            }
            return least;
        }

        private static byte[] compress(byte[] text) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
                gzip.write(text);
            }
            return bytes.toByteArray();
        }

        private static byte[] encrypt(byte[] text) throws GeneralSecurityException {
            Cipher cipher = Cipher.getInstance("AES/ECB/PKCS5Padding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(KEY, "AES"));
            return cipher.doFinal(text);
        }

        private static byte[] seal(byte[] text) throws GeneralSecurityException {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            byte[] seal = digest.digest(text);
            for (int i = 0; i < 4; i++) {
                digest.update(text);
                seal = digest.digest(seal);
            }
            return seal;
        }

        private static byte[] label(byte[] text) {
            StringBuilder labels = new StringBuilder();
            for (int line = 0; line < 5; line++) {
                labels.append(UUID.randomUUID()).append(text.length);
            }
            return labels.toString().getBytes(StandardCharsets.UTF_8);
        }
    }
}
