package org.flinksidecar.sample.elasticsearch;

import java.io.ByteArrayOutputStream;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;

/**
 * A document on its way to an index.
 *
 * @param id its {@code _id}, at most 512 bytes: Elasticsearch refuses a whole request for a longer one
 * @param json a JSON object with at least one field and without {@code indexed_at}, in one line
 */
public record Document(String id, byte[] json) implements Serializable {

    private static final long serialVersionUID = 1;

    /** What a document needs in a request beyond id and JSON, about. */
    private static final int OVERHEAD_BYTES = 64;

    long sizeInBytes() {
        return OVERHEAD_BYTES + id.length() + json.length;
    }

    /**
     * Appends the two lines of a bulk request. The time of indexing becomes part of the document only now, when it is
     * handed out, and anew at each attempt: how long it waited in the buffer belongs to what is measured.
     */
    void appendTo(ByteArrayOutputStream body, String quotedId, long indexedAtMillis) {
        body.writeBytes(utf8("{\"index\":{\"_id\":" + quotedId + "}}\n"));
        body.write(json, 0, json.length - 1);
        body.writeBytes(utf8(",\"indexed_at\":" + indexedAtMillis + "}\n"));
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
