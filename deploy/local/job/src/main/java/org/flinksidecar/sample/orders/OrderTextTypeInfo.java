package org.flinksidecar.sample.orders;

import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Tells Flink to hand orders on as JSON text. */
public final class OrderTextTypeInfo extends OrderTypeInfo {

    private static final long serialVersionUID = 1;

    private final OrderFormat format;

    public OrderTextTypeInfo(OrderFormat format) {
        this.format = format;
    }

    @Override
    public TypeSerializer<Order> createSerializer(SerializerConfig config) {
        return new OrderTextSerializer(format);
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<Order> getTypeClass() {
        return Order.class;
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public String toString() {
        return "order as text (" + format + ")";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OrderTextTypeInfo && ((OrderTextTypeInfo) other).format == format;
    }

    @Override
    public int hashCode() {
        return format.hashCode();
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof OrderTextTypeInfo;
    }
}
