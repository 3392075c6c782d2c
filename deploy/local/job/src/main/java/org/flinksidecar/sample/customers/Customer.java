package org.flinksidecar.sample.customers;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/** What the customer service knows about a customer, as far as orders want it. */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Customer(String tier, String region) {

    /** Stands for a customer that could not be looked up. */
    public static final Customer UNKNOWN = new Customer("unknown", "unknown");
}
