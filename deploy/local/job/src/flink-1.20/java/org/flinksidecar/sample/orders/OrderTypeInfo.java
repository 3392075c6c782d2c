package org.flinksidecar.sample.orders;

import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;

/** Answers the way in which Flink 1.20 still asks for serializers. */
abstract class OrderTypeInfo extends TypeInformation<Order> {

    private static final long serialVersionUID = 1;

    @Override
    @Deprecated
    public TypeSerializer<Order> createSerializer(ExecutionConfig config) {
        return createSerializer(config.getSerializerConfig());
    }
}
