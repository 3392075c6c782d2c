package org.flinksidecar.sample.orders;

import com.fasterxml.jackson.databind.json.JsonMapper;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;

/** How orders are represented in the job, and so what Flink has to serialize between operators. */
public enum OrderFormat {
    /** JSON trees, serialized by Kryo: what one gets by keeping what the parser returned. */
    TREE {
        @Override
        Order parse(JsonMapper mapper, byte[] key, byte[] json) throws MalformedOrderException {
            return OrderTree.parse(mapper, key, json);
        }

        @Override
        public TypeInformation<Order> typeInformation() {
            return new GenericTypeInfo<>(Order.class);
        }
    },

    /** A POJO, serialized by Flink field by field without a name or a class on the wire. */
    RECORD {
        @Override
        Order parse(JsonMapper mapper, byte[] key, byte[] json) throws MalformedOrderException {
            return OrderRecord.parse(mapper, key, json);
        }

        /** Every order of this format is an {@link OrderRecord}, which the type system has no way to say. */
        @Override
        @SuppressWarnings({"unchecked", "rawtypes"})
        public TypeInformation<Order> typeInformation() {
            return (TypeInformation) Types.POJO(OrderRecord.class);
        }
    };

    /** Reads the value of a Kafka record. Numbers as texts, texts as numbers and the like are malformed. */
    public final Order parse(byte[] key, byte[] json) throws MalformedOrderException {
        return parse(Json.MAPPER, key, json);
    }

    /** Does as {@link #parse(byte[], byte[])}, with a new JSON mapper for it. */
    public final Order parseWithNewMapper(byte[] key, byte[] json) throws MalformedOrderException {
        return parse(Json.newMapper(), key, json);
    }

    abstract Order parse(JsonMapper mapper, byte[] key, byte[] json) throws MalformedOrderException;

    public abstract TypeInformation<Order> typeInformation();
}
