package org.flinksidecar.sample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.api.common.typeinfo.Types;
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

    /** The enrichment without a blocking lookup, alone and with one customer. */
    private static final class Harness implements AutoCloseable {

        private final KeyedOneInputStreamOperatorTestHarness<String, Order, Order> operator;
        private long checkpoints;

        Harness(boolean keepsOrders) throws Exception {
            this(keepsOrders, null);
        }

        /** A harness that goes on where another was; null is nowhere. */
        Harness(boolean keepsOrders, OperatorSubtaskState state) throws Exception {
            operator = new KeyedOneInputStreamOperatorTestHarness<>(
                    new KeyedProcessOperator<>(new EnrichOrders(null, keepsOrders)), Order::customerId, Types.STRING);
            operator.initializeState(state);
            operator.open();
        }

        /** Processes so many orders and returns the bytes of a checkpoint after them. */
        long afterOrders(int orders) throws Exception {
            for (int i = 0; i < orders; i++) {
                process();
            }
            return snapshot().getStateSize();
        }

        /** Processes one order and returns how many its customer has placed. */
        long customerOrders() throws Exception {
            process();
            Order last = operator.extractOutputValues().get(0);
            JsonNode json = new ObjectMapper().readTree(last.toJson());
            return json.path("customer_orders").asLong();
        }

        private void process() throws Exception {
            operator.processElement(OrderFormat.RECORD.parse(null, ORDER.getBytes(UTF_8)), 0);
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
