package org.flinksidecar.sample.customers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.flinksidecar.sample.FakeServer;
import org.flinksidecar.sample.FakeServer.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CustomerClientTest {

    @Test
    void findsCustomers() throws Exception {
        String json = "{\"customerId\":\"c\",\"tier\":\"gold\",\"region\":\"eu\",\"more\":[]}";
        try (FakeServer server = new FakeServer(request -> new Response(200, json));
                CustomerClient customers = client(server)) {
            assertEquals(new Customer("gold", "eu"), customers.find("c 1/2+\u00e9"));
            assertEquals(new Customer("gold", "eu"), customers.findAsync("../admin?x").get());

            assertEquals("/customers/c%201%2F2%2B%C3%A9", server.requests.get(0).target());
            assertEquals("/customers/..%2Fadmin%3Fx", server.requests.get(1).target());
        }
    }

    @ParameterizedTest
    @CsvSource({"404, ''", "500, oops", "200, ''", "200, <html>"})
    void doesWithoutCustomers(int status, String body) throws Exception {
        try (FakeServer server = new FakeServer(request -> new Response(status, body));
                CustomerClient customers = client(server)) {
            assertEquals(Customer.UNKNOWN, customers.find("c"));
            assertEquals(Customer.UNKNOWN, customers.findAsync("c").get());
        }
    }

    @Test
    void doesWithoutService() throws Exception {
        FakeServer server = new FakeServer(request -> null);
        server.close();
        try (CustomerClient customers = client(server)) {
            assertEquals(Customer.UNKNOWN, customers.find("c"));
            assertEquals(Customer.UNKNOWN, customers.findAsync("c").get());
        }
    }

    private static CustomerClient client(FakeServer server) {
        return new CustomerClient(server.url("/customers/"), new UnregisteredMetricsGroup());
    }
}
