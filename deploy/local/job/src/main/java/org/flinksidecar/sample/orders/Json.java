package org.flinksidecar.sample.orders;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import java.nio.charset.StandardCharsets;

/**
 * The JSON mapper of the job, and the rules that both formats share. A record that gets past {@link #checkId} and
 * the mapper can be serialized, written as JSON and taken by Elasticsearch: what could fail the job later is refused
 * here, where it is one malformed record.
 */
final class Json {

    /** Far beyond any order. Serializers recurse into trees: a deep one would overflow the stack of the task. */
    private static final int MAX_NESTING = 32;

    /** Elasticsearch refuses a whole request for one longer {@code _id}. */
    private static final int MAX_ID_BYTES = 512;

    static final JsonMapper MAPPER = newMapper();

    private Json() {}

    static JsonMapper newMapper() {
        return JsonMapper.builder(factory())
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .withCoercionConfig(
                        LogicalType.Textual, texts -> texts.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                .build();
    }

    private static JsonFactory factory() {
        StreamReadConstraints constraints =
                StreamReadConstraints.builder().maxNestingDepth(MAX_NESTING).build();
        return JsonFactory.builder().streamReadConstraints(constraints).build();
    }

    static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an order that was read cannot be written", e);
        }
    }

    static void checkId(String name, String id) throws MalformedOrderException {
        if (id == null || id.isEmpty()) {
            throw new MalformedOrderException(name + " is missing");
        }
        if (id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
            throw new MalformedOrderException(name + " is longer than " + MAX_ID_BYTES + " bytes");
        }
    }

    static void checkAmount(Double amount) throws MalformedOrderException {
        if (amount == null || !Double.isFinite(amount)) {
            throw new MalformedOrderException("amount is missing or beyond any number");
        }
    }
}
