package org.flinksidecar.removable;

import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** A record through a serializer of Flink and back, as between two operators. */
final class Wire {
    private final DataOutputSerializer out = new DataOutputSerializer(4096);
    private final DataInputDeserializer in = new DataInputDeserializer();

    <T> T across(TypeSerializer<T> serializer, T record) throws Exception {
        out.clear();
        serializer.serialize(record, out);
        in.setBuffer(out.getSharedBuffer(), 0, out.length());
        return serializer.deserialize(in);
    }

    String across(String text) throws Exception {
        out.clear();
        out.writeUTF(text);
        in.setBuffer(out.getSharedBuffer(), 0, out.length());
        return in.readUTF();
    }
}
