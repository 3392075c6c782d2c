package org.flinksidecar.sample.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import org.flinksidecar.sample.customers.Customer;

/** An order as the tree that the JSON parser made of it. It keeps fields that the job knows nothing about. */
final class OrderTree implements Order {

    private final byte[] key;
    private final ObjectNode tree;

    private OrderTree(byte[] key, ObjectNode tree) {
        this.key = key;
        this.tree = tree;
    }

    static OrderTree parse(JsonMapper mapper, byte[] key, byte[] json) throws MalformedOrderException {
        OrderTree order = new OrderTree(key, parse(mapper, json));
        Json.checkId("order_id", order.textOrNull("order_id"));
        Json.checkId("customer_id", order.textOrNull("customer_id"));
        JsonNode amount = order.tree.path("amount");
        Json.checkAmount(amount.isNumber() ? amount.doubleValue() : null);
        order.textOrNull("seed");
        return order;
    }

    private static ObjectNode parse(JsonMapper mapper, byte[] json) throws MalformedOrderException {
        JsonNode tree;
        try {
            tree = json == null ? null : mapper.readTree(json);
        } catch (IOException e) {
            throw new MalformedOrderException("not JSON", e);
        }
        if (tree instanceof ObjectNode) {
            return (ObjectNode) tree;
        }
        throw new MalformedOrderException("not a JSON object");
    }

    private String textOrNull(String field) throws MalformedOrderException {
        JsonNode node = tree.path(field);
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!node.isTextual()) {
            throw new MalformedOrderException(field + " is not a text");
        }
        return node.textValue();
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public String id() {
        return tree.get("order_id").textValue();
    }

    @Override
    public String customerId() {
        return tree.get("customer_id").textValue();
    }

    @Override
    public double amount() {
        return tree.get("amount").doubleValue();
    }

    @Override
    public String currency() {
        return tree.path("currency").asText("");
    }

    @Override
    public String seed() {
        return tree.path("seed").textValue();
    }

    @Override
    public void setIngestedAt(long millis) {
        tree.put("ingested_at", millis);
    }

    @Override
    public void setIndexedAt(long millis) {
        tree.put("indexed_at", millis);
    }

    @Override
    public void setCustomer(Customer customer) {
        tree.put("customer_tier", customer.tier());
        tree.put("customer_region", customer.region());
    }

    @Override
    public void setCustomerTotals(long orders, double amount) {
        tree.put("customer_orders", orders);
        tree.put("customer_amount", amount);
    }

    @Override
    public byte[] toJson() {
        return Json.write(tree);
    }
}
