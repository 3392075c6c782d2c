package org.flinksidecar.sample.customers;

import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.flinksidecar.sample.orders.Order;

/** Adds their customers to orders, many at once: while one answer is awaited, the next orders are asked about. */
public final class LookUpCustomers extends RichAsyncFunction<Order, Order> {

    /** How many lookups a subtask has under way at most. More orders wait, and so hold back the source. */
    private static final int CAPACITY = 50;

    /** Never reached: the client gives up long before. */
    private static final long TIMEOUT_SECONDS = 30;

    private static final long serialVersionUID = 1;

    private final URI base;
    private transient CustomerClient customers;

    private LookUpCustomers(URI base) {
        this.base = base;
    }

    /**
     * The orders with their customers, in the sequence they came in: running totals are computed from them, and
     * whoever reads the sinks may rely on the sequence of a customer's orders.
     */
    public static SingleOutputStreamOperator<Order> apply(DataStream<Order> orders, URI base) {
        return AsyncDataStream.orderedWait(
                        orders, new LookUpCustomers(base), TIMEOUT_SECONDS, TimeUnit.SECONDS, CAPACITY)
                .returns(orders.getType());
    }

    @Override
    public void open(OpenContext context) {
        customers = new CustomerClient(base, getRuntimeContext().getMetricGroup());
    }

    @Override
    public void asyncInvoke(Order order, ResultFuture<Order> result) {
        customers.findAsync(order.customerId()).thenAccept(customer -> {
            order.setCustomer(customer);
            result.complete(List.of(order));
        });
    }

    @Override
    public void close() {
        if (customers != null) {
            customers.close();
        }
    }
}
