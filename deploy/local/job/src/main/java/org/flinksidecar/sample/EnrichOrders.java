package org.flinksidecar.sample;

import java.net.URI;
import javax.annotation.Nullable;
import org.apache.flink.api.common.functions.OpenContext;
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
 * <p>It is also where {@link Fault#LOOKUP} sits: given a URL, the function asks the customer service about each order
 * and stands still until it answers.
 */
final class EnrichOrders extends KeyedProcessFunction<String, Order, Order> {

    private static final long serialVersionUID = 1;

    @Nullable
    private final URI lookup;

    private transient CustomerClient customers;
    private transient ValueState<CustomerTotals> totals;

    private EnrichOrders(@Nullable URI lookup) {
        this.lookup = lookup;
    }

    /** For orders that have their customers already. */
    static EnrichOrders withTotals() {
        return new EnrichOrders(null);
    }

    static EnrichOrders withTotalsAndBlockingLookup(URI lookup) {
        return new EnrichOrders(lookup);
    }

    @Override
    public void open(OpenContext context) {
        totals = getRuntimeContext()
                .getState(new ValueStateDescriptor<>("customer-totals", Types.POJO(CustomerTotals.class)));
        if (lookup != null) {
            customers = new CustomerClient(lookup, getRuntimeContext().getMetricGroup());
        }
    }

    @Override
    public void processElement(Order order, Context context, Collector<Order> out) throws Exception {
        if (customers != null) {
            order.setCustomer(customers.find(order.customerId()));
        }
        CustomerTotals soFar = totals.value();
        if (soFar == null) {
            soFar = new CustomerTotals();
        }
        soFar.add(order.amount());
        totals.update(soFar);
        order.setCustomerTotals(soFar.orders, soFar.amount);
        out.collect(order);
    }

    @Override
    public void close() {
        if (customers != null) {
            customers.close();
        }
    }
}
