package org.flinksidecar.sample;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The inefficiencies that can be planted. The first four are there unless the argument {@code --fixed} names them. The
 * others are there if the argument {@code --faults} names them and {@code --fixed} does not.
 */
enum Fault {
    /**
     * Orders travel between operators as JSON trees, which Flink knows nothing about and therefore hands to Kryo: it
     * writes class names and field after field of a tree where a schema would do. Repaired, they are a POJO with
     * Flink's own serializer, and types without one are forbidden.
     */
    KRYO(true),

    /**
     * Elasticsearch gets a bulk request per document: the price of a round trip, and of a transaction log synced to
     * disk, is paid for each. Repaired, requests are filled up to a number, a size or a short time.
     */
    BULK(true),

    /**
     * Each order waits in the keyed operator for an HTTP answer about its customer, so the operator does nothing most
     * of the time and is as slow as the service. Repaired, an async operator ahead of the keyed one has a bounded
     * number of lookups under way at once and keeps the orders in sequence. There is no cache in either.
     */
    LOOKUP(true),

    /**
     * Every order is kept in keyed state for good, as it came in and as it went out, beside the two numbers that are
     * all the enrichment needs. Nobody reads them and nothing ever removes one, so checkpoints grow with every order
     * until the memory of the TaskManagers is full. Repaired, only the two numbers are kept.
     */
    STATE(true),

    /**
     * The source makes a new JSON mapper for each order. A mapper finds out by reflection how to read a class and
     * keeps what it found, so a new one finds it out again. Repaired, the job has one mapper.
     */
    MAPPER(false),

    /**
     * A serializer of the job's own writes each order as JSON text between operators, and parses it again behind each
     * network exchange. It stands in for the serializer of {@link #KRYO}, whichever that is. Repaired, Flink
     * serializes.
     */
    JSON(false),

    /**
     * The enrichment says only that it produces orders. To Flink these are an interface, which it hands to Kryo, even
     * where every one is a POJO. Repaired, the class is given.
     */
    TYPES(false),

    /**
     * Orders are distributed by their currency. There are three, and three of five orders have the same one, so one
     * subtask does most of the work however many there are. Repaired, they are distributed by their customer.
     */
    HOTKEY(false),

    /**
     * Checkpoints are written to their files 16 bytes at a time, and the smallest state gets a file of its own.
     * Repaired, Flink's defaults hold: buffers of 4 KB, and small state travels inside the metadata.
     */
    FILES(false),

    /**
     * A checkpoint begins every 100 milliseconds, whatever the argument {@code --checkpoint.interval} says. The job
     * does little else once its state has grown. Repaired, the argument holds.
     */
    INTERVAL(false),

    /**
     * The enrichment remembers every order in a static map, to notice one that comes twice, and forgets none. The map
     * is no state of Flink's: checkpoints stay as small as they are while the heap fills up. Repaired, there is no map.
     */
    LEAK(false);

    private final boolean standing;

    Fault(boolean standing) {
        this.standing = standing;
    }

    /** Whether the fault is there without being asked for. */
    boolean isStanding() {
        return standing;
    }

    /**
     * Reads a list such as {@code kryo,bulk}; the empty text is the empty list. The option is the argument that the
     * list was given with.
     */
    static Set<Fault> parseList(String option, String names) {
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        for (String name : names.split(",")) {
            if (!name.isBlank()) {
                faults.add(parse(option, name.trim()));
            }
        }
        return faults;
    }

    private static Fault parse(String option, String name) {
        return Arrays.stream(values())
                .filter(fault -> fault.label().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "--" + option + ": no fault is called \"" + name + "\" (choose from " + labels() + ")"));
    }

    static String labels() {
        return Arrays.stream(values()).map(Fault::label).collect(Collectors.joining(", "));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
