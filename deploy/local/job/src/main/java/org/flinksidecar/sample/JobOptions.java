package org.flinksidecar.sample;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.apache.flink.util.TimeUtils;

/**
 * The arguments of the job, {@code --name=value} each. They are checked whole before anything is built, because what a
 * person sees of a later failure is a stack trace in Flink's REST answer.
 */
final class JobOptions {

    static final String BOOTSTRAP_SERVERS = "bootstrap.servers";
    static final String SOURCE_TOPIC = "source.topic";
    static final String ENRICHED_TOPIC = "enriched.topic";
    static final String ALERTS_TOPIC = "alerts.topic";
    static final String GROUP_ID = "group.id";
    static final String ELASTICSEARCH_URL = "elasticsearch.url";
    static final String ELASTICSEARCH_INDEX = "elasticsearch.index";
    static final String LOOKUP_URL = "lookup.url";
    /** Where the orders are also written as files; empty where they are not. */
    static final String ARCHIVE_DIRECTORY = "archive.directory";
    static final String CHECKPOINT_INTERVAL = "checkpoint.interval";
    static final String PARALLELISM = "parallelism";
    static final String FAULTS = "faults";
    static final String FIXED = "fixed";

    /** What {@link Fault#INTERVAL} makes of the interval. */
    private static final Duration FAR_TOO_SHORT = Duration.ofMillis(100);

    private static final Set<String> MAY_BE_EMPTY = Set.of(ARCHIVE_DIRECTORY, FAULTS, FIXED);

    /** A name with this for its default must be given. */
    private static final String REQUIRED = null;

    private final Map<String, String> values;

    private JobOptions(Map<String, String> values) {
        this.values = values;
    }

    /** Reads and checks the arguments; the message of the exception says what to correct. */
    static JobOptions parse(String... args) {
        Map<String, String> values = defaults();
        for (String arg : args) {
            put(values, arg);
        }
        values.forEach(JobOptions::checkGiven);
        JobOptions options = new JobOptions(values);
        options.validate();
        return options;
    }

    private static Map<String, String> defaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put(BOOTSTRAP_SERVERS, REQUIRED);
        defaults.put(SOURCE_TOPIC, "orders");
        defaults.put(ENRICHED_TOPIC, "orders-enriched");
        defaults.put(ALERTS_TOPIC, "orders-alerts");
        defaults.put(GROUP_ID, "orders-enrichment");
        defaults.put(ELASTICSEARCH_URL, REQUIRED);
        defaults.put(ELASTICSEARCH_INDEX, "orders");
        defaults.put(LOOKUP_URL, REQUIRED);
        defaults.put(ARCHIVE_DIRECTORY, "");
        defaults.put(CHECKPOINT_INTERVAL, "10s");
        defaults.put(PARALLELISM, "2");
        defaults.put(FAULTS, "");
        defaults.put(FIXED, "");
        return defaults;
    }

    private static void put(Map<String, String> values, String arg) {
        int equals = arg.indexOf('=');
        check(arg.startsWith("--") && equals > 2, "\"" + arg + "\" is not --name=value");
        String name = arg.substring(2, equals);
        check(
                values.containsKey(name),
                "--" + name + " is unknown (choose from " + String.join(", ", values.keySet()) + ")");
        values.put(name, arg.substring(equals + 1));
    }

    private static void checkGiven(String name, String value) {
        check(value != null && (MAY_BE_EMPTY.contains(name) || !value.isBlank()), "--" + name + " is missing (give --" + name + "=…)");
    }

    private void validate() {
        faults();
        fixed();
        checkpointInterval();
        parallelism();
        elasticsearchUrl();
        lookupUrl();
    }

    String text(String name) {
        return values.get(name);
    }

    Set<Fault> faults() {
        return Fault.parseList(FAULTS, text(FAULTS));
    }

    Set<Fault> fixed() {
        return Fault.parseList(FIXED, text(FIXED));
    }

    /** A fault that is both planted and repaired is repaired. */
    boolean has(Fault fault) {
        return (fault.isStanding() || faults().contains(fault)) && !fixed().contains(fault);
    }

    Duration checkpointInterval() {
        try {
            Duration interval = TimeUtils.parseDuration(text(CHECKPOINT_INTERVAL));
            check(interval.compareTo(Duration.ofMillis(10)) >= 0, "it is below 10ms, Flink's least");
            return has(Fault.INTERVAL) ? FAR_TOO_SHORT : interval;
        } catch (IllegalArgumentException e) {
            throw invalid(CHECKPOINT_INTERVAL, "a duration such as 10s", e);
        }
    }

    int parallelism() {
        try {
            int parallelism = Integer.parseInt(text(PARALLELISM));
            check(parallelism > 0, "it is not positive");
            return parallelism;
        } catch (IllegalArgumentException e) {
            throw invalid(PARALLELISM, "a number from 1", e);
        }
    }

    URI elasticsearchUrl() {
        return url(ELASTICSEARCH_URL);
    }

    URI lookupUrl() {
        return url(LOOKUP_URL);
    }

    /** The URL as a directory, so that names can be resolved against it. */
    private URI url(String name) {
        String text = text(name);
        try {
            URI url = URI.create(text.endsWith("/") ? text : text + "/");
            check(url.getScheme() != null && url.getScheme().matches("https?") && url.getHost() != null, "no http URL");
            return url;
        } catch (IllegalArgumentException e) {
            throw invalid(name, "a URL such as http://127.0.0.1:9200", e);
        }
    }

    /** All options, for publication as Flink's global job parameters. */
    Map<String, String> asMap() {
        return Map.copyOf(values);
    }

    private IllegalArgumentException invalid(String name, String wanted, Exception cause) {
        return new IllegalArgumentException("--" + name + ": \"" + text(name) + "\" is not " + wanted, cause);
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
