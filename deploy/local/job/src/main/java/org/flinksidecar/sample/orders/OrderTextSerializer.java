package org.flinksidecar.sample.orders;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Writes an order as the text of its JSON, and parses it again to read it. */
final class OrderTextSerializer extends TypeSerializerSingleton<Order> {

    private static final long serialVersionUID = 1;
    private static final byte[] NO_KEY = new byte[0];

    private final OrderFormat format;

    OrderTextSerializer(OrderFormat format) {
        this.format = format;
    }

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public Order createInstance() {
        return null; // an order without an id is none
    }

    @Override
    public Order copy(Order from) {
        return parse(from.key(), text(from));
    }

    @Override
    public Order copy(Order from, Order reuse) {
        return copy(from);
    }

    @Override
    public int getLength() {
        return -1; // it varies
    }

    @Override
    public void serialize(Order order, DataOutputView target) throws IOException {
        byte[] key = order.key();
        target.writeBoolean(key != null);
        BytePrimitiveArraySerializer.INSTANCE.serialize(key == null ? NO_KEY : key, target);
        StringSerializer.INSTANCE.serialize(text(order), target);
    }

    @Override
    public Order deserialize(DataInputView source) throws IOException {
        boolean hasKey = source.readBoolean();
        byte[] key = BytePrimitiveArraySerializer.INSTANCE.deserialize(source);
        return parse(hasKey ? key : null, StringSerializer.INSTANCE.deserialize(source));
    }

    @Override
    public Order deserialize(Order reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    private static String text(Order order) {
        return new String(order.toJson(), UTF_8);
    }

    private Order parse(byte[] key, String json) {
        try {
            return format.parse(key, json.getBytes(UTF_8));
        } catch (MalformedOrderException e) {
            throw new IllegalStateException("an order that was written cannot be read", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OrderTextSerializer && ((OrderTextSerializer) other).format == format;
    }

    @Override
    public int hashCode() {
        return format.hashCode();
    }

    @Override
    public TypeSerializerSnapshot<Order> snapshotConfiguration() {
        return format == OrderFormat.TREE ? new TreeSnapshot() : new RecordSnapshot();
    }

    /** Names the serializer in checkpoints. Flink makes one of it by its name. */
    public static final class TreeSnapshot extends SimpleTypeSerializerSnapshot<Order> {
        public TreeSnapshot() {
            super(() -> new OrderTextSerializer(OrderFormat.TREE));
        }
    }

    /** As {@link TreeSnapshot}, for the other format. */
    public static final class RecordSnapshot extends SimpleTypeSerializerSnapshot<Order> {
        public RecordSnapshot() {
            super(() -> new OrderTextSerializer(OrderFormat.RECORD));
        }
    }
}
