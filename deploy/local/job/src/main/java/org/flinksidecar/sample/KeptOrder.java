package org.flinksidecar.sample;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * An order as {@link Fault#STATE} keeps it: its JSON as it came in and as it went out. Nobody changes the arrays.
 *
 * <p>It has a serializer of its own so that what shows is the growth and not the cost of a type. With arrays of bytes,
 * Flink copies a customer's whole list after each checkpoint, for it can't know that they stay as they are. With texts
 * it doesn't, but reads them back byte by byte: a job with 150 MB of them takes over a minute to recover.
 */
record KeptOrder(byte[] cameIn, byte[] wentOut) {

    static final class Serializer extends TypeSerializerSingleton<KeptOrder> {

        private static final long serialVersionUID = 1;

        @Override
        public boolean isImmutableType() {
            return true;
        }

        @Override
        public KeptOrder createInstance() {
            return new KeptOrder(new byte[0], new byte[0]);
        }

        @Override
        public KeptOrder copy(KeptOrder from) {
            return from;
        }

        @Override
        public KeptOrder copy(KeptOrder from, KeptOrder reuse) {
            return from;
        }

        @Override
        public int getLength() {
            return -1; // it varies
        }

        @Override
        public void serialize(KeptOrder order, DataOutputView target) throws IOException {
            write(order.cameIn(), target);
            write(order.wentOut(), target);
        }

        @Override
        public KeptOrder deserialize(DataInputView source) throws IOException {
            return new KeptOrder(read(source), read(source));
        }

        @Override
        public KeptOrder deserialize(KeptOrder reuse, DataInputView source) throws IOException {
            return deserialize(source);
        }

        @Override
        public void copy(DataInputView source, DataOutputView target) throws IOException {
            serialize(deserialize(source), target);
        }

        private static void write(byte[] json, DataOutputView target) throws IOException {
            target.writeInt(json.length);
            target.write(json);
        }

        private static byte[] read(DataInputView source) throws IOException {
            byte[] json = new byte[source.readInt()];
            source.readFully(json);
            return json;
        }

        @Override
        public TypeSerializerSnapshot<KeptOrder> snapshotConfiguration() {
            return new Snapshot();
        }
    }

    /** Names the serializer in checkpoints. Flink makes one of it by its name. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<KeptOrder> {
        public Snapshot() {
            super(Serializer::new);
        }
    }
}
