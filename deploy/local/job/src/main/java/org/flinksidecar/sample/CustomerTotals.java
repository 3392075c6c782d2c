package org.flinksidecar.sample;

/** What is kept per customer: two numbers, however many orders there are. */
public final class CustomerTotals {

    public long orders;
    public double amount;

    void add(double orderAmount) {
        orders++;
        amount += orderAmount;
    }
}
