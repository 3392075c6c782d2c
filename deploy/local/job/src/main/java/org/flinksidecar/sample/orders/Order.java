package org.flinksidecar.sample.orders;

import javax.annotation.Nullable;
import org.flinksidecar.sample.customers.Customer;

/**
 * One order on its way through the job.
 *
 * <p>There are two representations of it, see {@link OrderFormat}. Operators see only this interface, so that a change
 * of representation changes nothing but what serialization costs.
 */
public interface Order {

    /** The key of the Kafka record that the order came in, kept for the records it goes out in. */
    @Nullable
    byte[] key();

    String id();

    String customerId();

    double amount();

    /** The currency of the amount; empty for an order without one. */
    String currency();

    /** The mark of a measurement that sent the order; null for everyone else's orders. */
    @Nullable
    String seed();

    /** When the source read the order, in milliseconds since 1970. */
    void setIngestedAt(long millis);

    /** When a sink handed the order out, in milliseconds since 1970. */
    void setIndexedAt(long millis);

    void setCustomer(Customer customer);

    /** What the customer has ordered up to and including this order: how many orders, and their amounts. */
    void setCustomerTotals(long orders, double amount);

    /** The order as a JSON object. */
    byte[] toJson();
}
