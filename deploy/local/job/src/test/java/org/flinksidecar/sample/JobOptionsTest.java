package org.flinksidecar.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobOptionsTest {

    private static final String[] REQUIRED = {
        "--bootstrap.servers=127.0.0.1:9092",
        "--elasticsearch.url=http://127.0.0.1:9200",
        "--lookup.url=http://127.0.0.1:8000/customers/",
    };

    @Test
    void defaults() {
        JobOptions options = JobOptions.parse(REQUIRED);

        assertEquals("orders", options.text(JobOptions.SOURCE_TOPIC));
        assertEquals("orders-enriched", options.text(JobOptions.ENRICHED_TOPIC));
        assertEquals("orders-alerts", options.text(JobOptions.ALERTS_TOPIC));
        assertEquals("orders-enrichment", options.text(JobOptions.GROUP_ID));
        assertEquals("orders", options.text(JobOptions.ELASTICSEARCH_INDEX));
        assertEquals("", options.text(JobOptions.ARCHIVE_DIRECTORY));
        assertEquals(Duration.ofSeconds(10), options.checkpointInterval());
        assertEquals(2, options.parallelism());
        assertEquals(EnumSet.noneOf(Fault.class), options.fixed());
        assertEquals(
                EnumSet.of(Fault.KRYO, Fault.BULK, Fault.LOOKUP, Fault.STATE), had(options), "without being asked for");
    }

    @Test
    void everythingGiven() {
        JobOptions options =
                parse("--checkpoint.interval=500ms", "--parallelism=4", "--fixed=kryo, bulk", "--source.topic=o");

        assertEquals(Duration.ofMillis(500), options.checkpointInterval());
        assertEquals(4, options.parallelism());
        assertEquals(EnumSet.of(Fault.KRYO, Fault.BULK), options.fixed());
        assertFalse(options.has(Fault.BULK));
        assertTrue(options.has(Fault.LOOKUP));
        assertEquals("o", options.asMap().get("source.topic"));
    }

    @Test
    void faultsAreAdded() {
        JobOptions options = parse("--faults=mapper,hotkey,kryo", "--fixed=bulk,lookup,state,hotkey");

        assertEquals(EnumSet.of(Fault.KRYO, Fault.MAPPER), had(options), "a repair comes last");
    }

    /** Each fault can be planted, and repaired whatever is planted. */
    @ParameterizedTest
    @EnumSource
    void eachFaultIsSwitched(Fault fault) {
        String all = String.join(",", Fault.labels().split(", "));

        assertTrue(parse("--faults=" + fault.label()).has(fault));
        assertEquals(
                EnumSet.complementOf(EnumSet.of(fault)), had(parse("--faults=" + all, "--fixed=" + fault.label())));
    }

    @Test
    void aFarTooShortInterval() {
        String given = "--checkpoint.interval=20s";

        assertEquals(Duration.ofMillis(100), parse(given, "--faults=interval").checkpointInterval());
        assertEquals(
                Duration.ofSeconds(20),
                parse(given, "--faults=interval", "--fixed=interval").checkpointInterval());
    }

    @Test
    void urlsAreDirectories() {
        JobOptions options = parse("--lookup.url=http://127.0.0.1:8000/customers");

        assertEquals(URI.create("http://127.0.0.1:8000/customers/"), options.lookupUrl());
        assertEquals(URI.create("http://127.0.0.1:9200/"), options.elasticsearchUrl());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bootstrap.servers", "elasticsearch.url", "lookup.url"})
    void required(String name) {
        String[] others =
                Stream.of(REQUIRED).filter(arg -> !arg.startsWith("--" + name)).toArray(String[]::new);

        Exception e = assertThrows(IllegalArgumentException.class, () -> JobOptions.parse(others));

        assertEquals("--" + name + " is missing (give --" + name + "=…)", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
            parallelism=2              | "parallelism=2" is not --name=value
            --parallelism              | "--parallelism" is not --name=value
            --=2                       | "--=2" is not --name=value
            --paralelism=2             | --paralelism is unknown (choose from bootstrap.servers, source.topic, \
            enriched.topic, alerts.topic, group.id, elasticsearch.url, elasticsearch.index, lookup.url, \
            archive.directory, checkpoint.interval, parallelism, faults, fixed)
            --group.id=                | --group.id is missing (give --group.id=…)
            --parallelism=0            | --parallelism: "0" is not a number from 1
            --parallelism=two          | --parallelism: "two" is not a number from 1
            --checkpoint.interval=soon | --checkpoint.interval: "soon" is not a duration such as 10s
            --checkpoint.interval=1ms  | --checkpoint.interval: "1ms" is not a duration such as 10s
            --lookup.url=customers     | --lookup.url: "customers" is not a URL such as http://127.0.0.1:9200
            --lookup.url=ftp://a/      | --lookup.url: "ftp://a/" is not a URL such as http://127.0.0.1:9200
            --lookup.url=http://a b/   | --lookup.url: "http://a b/" is not a URL such as http://127.0.0.1:9200
            --fixed=kryo,bluk          | --fixed: no fault is called "bluk" (choose from kryo, bulk, lookup, state, \
            mapper, json, types, hotkey, files, interval, leak)
            --faults=fast              | --faults: no fault is called "fast" (choose from kryo, bulk, lookup, state, \
            mapper, json, types, hotkey, files, interval, leak)
            """)
    void faulty(String arg, String message) {
        Exception e = assertThrows(IllegalArgumentException.class, () -> parse(arg));

        assertEquals(message, e.getMessage());
    }

    private static Set<Fault> had(JobOptions options) {
        return EnumSet.allOf(Fault.class).stream()
                .filter(options::has)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Fault.class)));
    }

    private static JobOptions parse(String... more) {
        return JobOptions.parse(Stream.of(REQUIRED, more).flatMap(Stream::of).toArray(String[]::new));
    }
}
