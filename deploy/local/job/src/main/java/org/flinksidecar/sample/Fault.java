package org.flinksidecar.sample;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** The planted inefficiencies. All are there unless the argument {@code --fixed} names them. */
enum Fault {
    /**
     * Orders travel between operators as JSON trees, which Flink knows nothing about and therefore hands to Kryo: it
     * writes class names and field after field of a tree where a schema would do. Repaired, they are a POJO with
     * Flink's own serializer, and types without one are forbidden.
     */
    KRYO,

    /**
     * Elasticsearch gets a bulk request per document: the price of a round trip, and of a transaction log synced to
     * disk, is paid for each. Repaired, requests are filled up to a number, a size or a short time.
     */
    BULK,

    /**
     * Each order waits in the keyed operator for an HTTP answer about its customer, so the operator does nothing most
     * of the time and is as slow as the service. Repaired, an async operator ahead of the keyed one has a bounded
     * number of lookups under way at once and keeps the orders in sequence. There is no cache in either.
     */
    LOOKUP,

    /**
     * Every order is kept in keyed state for good, as it came in and as it went out, beside the two numbers that are
     * all the enrichment needs. Nobody reads them and nothing ever removes one, so checkpoints grow with every order
     * until the memory of the TaskManagers is full. Repaired, only the two numbers are kept.
     */
    STATE;

    /** Reads a list such as {@code kryo,bulk}; the empty text is the empty list. */
    static Set<Fault> parseList(String names) {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (String name : names.split(",")) {
            if (!name.isBlank()) {
                faults.add(parse(name.trim()));
            }
        }
        return faults;
    }

    private static Fault parse(String name) {
        return Arrays.stream(values())
                .filter(fault -> fault.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--fixed: no fault is called \"" + name + "\" (choose from " + labels() + ")"));
    }

    static String labels() {
        return Arrays.stream(values()).map(Fault::label).collect(Collectors.joining(", "));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
