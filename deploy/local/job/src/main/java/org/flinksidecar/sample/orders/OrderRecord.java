package org.flinksidecar.sample.orders;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import org.flinksidecar.sample.customers.Customer;

/**
 * An order as a class with the fields that the job knows. Public fields and constructors are what Flink's POJO
 * serializer asks for; a field of a type that it doesn't know would bring Kryo back, which the job forbids when it uses
 * this format.
 */
@JsonAutoDetect(
        fieldVisibility = JsonAutoDetect.Visibility.PUBLIC_ONLY,
        getterVisibility = JsonAutoDetect.Visibility.NONE,
        setterVisibility = JsonAutoDetect.Visibility.NONE)
public final class OrderRecord implements Order {

    @JsonIgnore
    public byte[] key;

    @JsonProperty("order_id")
    public String orderId;

    @JsonProperty("customer_id")
    public String customerId;

    @JsonProperty("amount")
    public Double amount;

    @JsonProperty("currency")
    public String currency;

    @JsonProperty("items")
    public List<Item> items;

    @JsonProperty("note")
    public String note;

    @JsonProperty("created_at")
    public Long createdAt;

    @JsonProperty("seed")
    public String seed;

    @JsonProperty("ingested_at")
    public Long ingestedAt;

    @JsonProperty("indexed_at")
    public Long indexedAt;

    @JsonProperty("customer_tier")
    public String customerTier;

    @JsonProperty("customer_region")
    public String customerRegion;

    @JsonProperty("customer_orders")
    public Long customerOrders;

    @JsonProperty("customer_amount")
    public Double customerAmount;

    /** One line of an order. */
    public static final class Item {
        public String sku;
        public Double quantity;
        public Double price;
    }

    static OrderRecord parse(JsonMapper mapper, byte[] key, byte[] json) throws MalformedOrderException {
        OrderRecord order = parse(mapper, json);
        order.key = key;
        Json.checkId("order_id", order.orderId);
        Json.checkId("customer_id", order.customerId);
        Json.checkAmount(order.amount);
        return order;
    }

    private static OrderRecord parse(JsonMapper mapper, byte[] json) throws MalformedOrderException {
        OrderRecord order;
        try {
            order = json == null ? null : mapper.readValue(json, OrderRecord.class);
        } catch (IOException e) {
            throw new MalformedOrderException("not an order in JSON", e);
        }
        if (order == null) {
            throw new MalformedOrderException("not a JSON object");
        }
        return order;
    }

    @Override
    public byte[] key() {
        return key;
    }

    @Override
    public String id() {
        return orderId;
    }

    @Override
    public String customerId() {
        return customerId;
    }

    @Override
    public double amount() {
        return amount;
    }

    @Override
    public String currency() {
        return currency == null ? "" : currency;
    }

    @Override
    public String seed() {
        return seed;
    }

    @Override
    public void setIngestedAt(long millis) {
        ingestedAt = millis;
    }

    @Override
    public void setIndexedAt(long millis) {
        indexedAt = millis;
    }

    @Override
    public void setCustomer(Customer customer) {
        customerTier = customer.tier();
        customerRegion = customer.region();
    }

    @Override
    public void setCustomerTotals(long orders, double total) {
        customerOrders = orders;
        customerAmount = total;
    }

    @Override
    public byte[] toJson() {
        return Json.write(this);
    }
}
