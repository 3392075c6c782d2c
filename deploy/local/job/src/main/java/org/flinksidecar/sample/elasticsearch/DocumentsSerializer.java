package org.flinksidecar.sample.elasticsearch;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;

/** Writes the documents in a sink's buffer into checkpoints. */
final class DocumentsSerializer extends AsyncSinkWriterStateSerializer<Document> {

    @Override
    public int getVersion() {
        return 1;
    }

    @Override
    protected void serializeRequestToStream(Document document, DataOutputStream out) throws IOException {
        out.writeUTF(document.id());
        out.writeInt(document.json().length);
        out.write(document.json());
    }

    @Override
    protected Document deserializeRequestFromStream(long size, DataInputStream in) throws IOException {
        String id = in.readUTF();
        byte[] json = new byte[in.readInt()];
        in.readFully(json);
        return new Document(id, json);
    }
}
