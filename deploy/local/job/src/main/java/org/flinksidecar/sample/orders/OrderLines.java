package org.flinksidecar.sample.orders;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.flink.api.common.serialization.Encoder;

/** Writes each order as a line of JSON. */
public final class OrderLines implements Encoder<Order> {

    private static final long serialVersionUID = 1;

    @Override
    public void encode(Order order, OutputStream out) throws IOException {
        out.write(order.toJson());
        out.write('\n');
    }
}
