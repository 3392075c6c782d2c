package org.flinksidecar.sample.orders;

import org.apache.flink.api.common.typeinfo.TypeInformation;

/** What Flink 1.20 asks of a type besides, see there; Flink 2 asks for nothing more. */
abstract class OrderTypeInfo extends TypeInformation<Order> {

    private static final long serialVersionUID = 1;
}
