package org.flinksidecar.removable;

import java.util.Map;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** The serializers of {@link Order}. */
final class Serializers {
    private Serializers() {}

    /** Flink's serializer for POJOs. The list has its type, or it would be Kryo's again. */
    static TypeSerializer<Order> pojo() {
        Map<String, TypeInformation<?>> fields =
                Map.of(
                        "id", Types.STRING,
                        "customer", Types.STRING,
                        "country", Types.STRING,
                        "placed", Types.LONG,
                        "amount", Types.DOUBLE,
                        "articles", Types.LIST(Types.STRING));
        return Types.POJO(Order.class, fields).createSerializer(new SerializerConfigImpl());
    }
}
