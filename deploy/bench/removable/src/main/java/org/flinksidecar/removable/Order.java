package org.flinksidecar.removable;

import java.util.ArrayList;
import java.util.List;

/** A record as jobs have them: texts, numbers and a list. Flink serializes it as a POJO. */
public class Order {
    public String id;
    public String customer;
    public String country;
    public long placed;
    public double amount;
    public List<String> articles = new ArrayList<>();

    public Order() {}

    static Order of(int articles) {
        Order order = new Order();
        order.id = "order-1234567";
        order.customer = "customer-4711";
        order.country = "DE";
        order.placed = 1_700_000_000_000L;
        order.amount = 129.95;
        for (int i = 0; i < articles; i++) {
            order.articles.add("article-" + i);
        }
        return order;
    }
}
