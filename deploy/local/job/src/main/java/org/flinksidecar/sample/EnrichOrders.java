package org.flinksidecar.sample;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import javax.annotation.Nullable;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.flinksidecar.sample.customers.CustomerClient;
import org.flinksidecar.sample.orders.Order;

/**
 * Adds to each order what its customer has ordered so far, out of keyed state.
 *
 * <p>It is also where three faults sit. With {@link Fault#LOOKUP} it asks the customer service about each order and
 * stands still until it answers. With {@link Fault#STATE} it keeps every order in its state, with {@link Fault#LEAK}
 * outside of it.
 */
final class EnrichOrders extends KeyedProcessFunction<String, Order, Order> {

    private static final long serialVersionUID = 1;

    /** What {@link Fault#LEAK} remembers, of all subtasks in this process. */
    private static final Map<String, Order> SEEN = new ConcurrentHashMap<>();

    @Nullable
    private final URI lookup;

    private final boolean keepsOrders;
    private final boolean sharesKeys;
    private final boolean remembers;

    private transient CustomerClient customers;
    private transient ValueState<CustomerTotals> totals;
    private transient MapState<String, CustomerTotals> totalsByCustomer;
    private transient ListState<KeptOrder> kept;

    /**
     * @param lookup the customer service, asked about each order in turn; null for orders that have their customers
     * @param keepsOrders whether each order stays in keyed state, as it came in and as it went out
     * @param sharesKeys whether several customers have the same key, see {@link Fault#HOTKEY}
     * @param remembers whether each order stays in a static map
     */
    EnrichOrders(@Nullable URI lookup, boolean keepsOrders, boolean sharesKeys, boolean remembers) {
        this.lookup = lookup;
        this.keepsOrders = keepsOrders;
        this.sharesKeys = sharesKeys;
        this.remembers = remembers;
    }

    @Override
    public void open(OpenContext context) {
        if (sharesKeys) {
            totalsByCustomer = getRuntimeContext()
                    .getMapState(new MapStateDescriptor<>(
                            "totals-by-customer", Types.STRING, Types.POJO(CustomerTotals.class)));
        } else {
            totals = getRuntimeContext()
                    .getState(new ValueStateDescriptor<>("customer-totals", Types.POJO(CustomerTotals.class)));
        }
        if (keepsOrders) {
            kept = getRuntimeContext()
                    .getListState(new ListStateDescriptor<>("customer-orders", new KeptOrder.Serializer()));
        }
        if (lookup != null) {
            customers = new CustomerClient(lookup, getRuntimeContext().getMetricGroup());
        }
    }

    @Override
    public void processElement(Order order, Context context, Collector<Order> out) throws Exception {
        byte[] cameIn = keepsOrders ? order.toJson() : null;
        if (customers != null) {
            order.setCustomer(customers.find(order.customerId()));
        }
        CustomerTotals soFar = addToTotals(order);
        order.setCustomerTotals(soFar.orders, soFar.amount);
        if (keepsOrders) {
            kept.add(new KeptOrder(cameIn, order.toJson()));
        }
        if (remembers) {
            SEEN.put(order.id(), order);
        }
        out.collect(order);
    }

    private CustomerTotals addToTotals(Order order) throws Exception {
        String customer = order.customerId();
        CustomerTotals soFar = sharesKeys ? totalsByCustomer.get(customer) : totals.value();
        if (soFar == null) {
            soFar = new CustomerTotals();
        }
        soFar.add(order.amount());
        if (sharesKeys) {
            totalsByCustomer.put(customer, soFar);
        } else {
            totals.update(soFar);
        }
        return soFar;
    }

    @Override
    public void close() {
        if (customers != null) {
            customers.close();
        }
    }
}
