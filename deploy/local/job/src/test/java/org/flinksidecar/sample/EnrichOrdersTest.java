package org.flinksidecar.sample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.flinksidecar.sample.orders.Order;
import org.flinksidecar.sample.orders.OrderFormat;
import org.junit.jupiter.api.Test;

/** Looks at what the enrichment keeps, faulty and repaired, by the checkpoints it would make of it. */
class EnrichOrdersTest {

    private static final String ORDER = "{\"order_id\":\"a\",\"customer_id\":\"x\",\"amount\":1,\"note\":\"%s\"}";

    /** An order is kept twice: as it came in, and as it went out with two totals on it. */
    @Test
    void keptOrdersMakeCheckpointsGrow() throws Exception {
        try (Harness harness = new Harness(true)) {
            long few = harness.afterOrders(100);
            long more = harness.afterOrders(100);
            long most = harness.afterOrders(200);

            int order = ORDER.length();
            assertTrue(more - few > 200L * order, "100 orders of " + order + " bytes added " + (more - few));
            assertEquals(2.0, (most - more) / (double) (more - few), 0.02, "steadily");
        }
    }

    @Test
    void totalsAloneDoNotGrow() throws Exception {
        try (Harness harness = new Harness(false)) {
            assertEquals(harness.afterOrders(100), harness.afterOrders(400));
        }
    }

    /** As with a savepoint, either way. Of what was kept, a repair gets rid only without one. */
    @Test
    void stateOutlivesTheRepairAndItsLoss() throws Exception {
        OperatorSubtaskState faulty;
        try (Harness harness = new Harness(true)) {
            harness.afterOrders(3);
            faulty = harness.snapshot();
        }
        OperatorSubtaskState repaired;
        try (Harness harness = new Harness(false, faulty)) {
            assertEquals(4, harness.customerOrders());
            repaired = harness.snapshot();
            assertEquals(faulty.getStateSize(), repaired.getStateSize());
        }
        try (Harness harness = new Harness(true, repaired)) {
            assertEquals(5, harness.customerOrders());
        }
    }

    /** Two customers who share a key have their own totals all the same. */
    @Test
    void sharedKeysKeepCustomersApart() throws Exception {
        try (Harness harness = new Harness(new EnrichOrders(null, false, true, false), Order::currency, null)) {
            harness.process("x");
            harness.process("x");
            assertEquals(3, harness.customerOrders("x"));
            assertEquals(1, harness.customerOrders("y"));
        }
    }

    /** What is remembered outside of the state does not show in checkpoints. */
    @Test
    void aLeakIsInNoCheckpoint() throws Exception {
        EnrichOrders leaking = new EnrichOrders(null, false, false, true);
        try (Harness harness = new Harness(leaking, Order::customerId, null)) {
            assertEquals(harness.afterOrders(1), harness.afterOrders(50));
        }
    }

    /** The enrichment without a blocking lookup, alone. */
    private static final class Harness implements AutoCloseable {

        private final KeyedOneInputStreamOperatorTestHarness<String, Order, Order> operator;
        private long checkpoints;

        Harness(boolean keepsOrders) throws Exception {
            this(keepsOrders, null);
        }

        /** A harness that goes on where another was; null is nowhere. */
        Harness(boolean keepsOrders, OperatorSubtaskState state) throws Exception {
            this(new EnrichOrders(null, keepsOrders, false, false), Order::customerId, state);
        }

        Harness(EnrichOrders enrichment, KeySelector<Order, String> key, OperatorSubtaskState state) throws Exception {
            operator = new KeyedOneInputStreamOperatorTestHarness<>(
                    new KeyedProcessOperator<>(enrichment), key, Types.STRING);
            operator.initializeState(state);
            operator.open();
        }

        /** Processes so many orders and returns the bytes of a checkpoint after them. */
        long afterOrders(int orders) throws Exception {
            for (int i = 0; i < orders; i++) {
                process("x");
            }
            return snapshot().getStateSize();
        }

        long customerOrders() throws Exception {
            return customerOrders("x");
        }

        /** Processes one order and returns how many its customer has placed. */
        long customerOrders(String customer) throws Exception {
            operator.getOutput().clear();
            process(customer);
            Order last = operator.extractOutputValues().get(0);
            JsonNode json = new ObjectMapper().readTree(last.toJson());
            return json.path("customer_orders").asLong();
        }

        void process(String customer) throws Exception {
            byte[] order = ORDER.replace("\"x\"", "\"" + customer + "\"").getBytes(UTF_8);
            operator.processElement(OrderFormat.RECORD.parse(null, order), 0);
        }

        OperatorSubtaskState snapshot() throws Exception {
            return operator.snapshot(++checkpoints, 0);
        }

        @Override
        public void close() throws Exception {
            operator.close();
        }
    }
}
