package org.flinksidecar.sample;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * A job of a given size that does next to nothing and needs nothing beside it: numbers go from vertex to vertex. It is
 * for measuring what looking at a job of that size costs.
 *
 * <p>Arguments: {@code --parallelism=2 --vertices=4 --rate=100}, the rate in records per second of all subtasks.
 */
public final class ParallelJob {

    private static final String NAME = "parallel";

    private ParallelJob() {}

    public static void main(String[] args) throws Exception {
        Map<String, Integer> options = parse(args);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(options.get("parallelism"));
        GeneratorFunction<Long, Long> numbers = number -> number;
        DataStream<Long> stream = env.fromSource(
                new DataGeneratorSource<>(
                        numbers, Long.MAX_VALUE, RateLimiterStrategy.perSecond(options.get("rate")), Types.LONG),
                WatermarkStrategy.noWatermarks(),
                "numbers");
        for (int vertex = 2; vertex < options.get("vertices"); vertex++) {
            // A rebalance keeps what follows from being chained to what is before.
            stream = stream.rebalance().map(number -> number + 1).name("step " + vertex);
        }
        stream.rebalance().sinkTo(new DiscardingSink<>()).name("end");
        env.execute(NAME);
    }

    private static Map<String, Integer> parse(String... args) {
        Map<String, Integer> options = new HashMap<>(Map.of("parallelism", 2, "vertices", 4, "rate", 100));
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (!arg.startsWith("--") || equals < 0 || !options.containsKey(arg.substring(2, equals))) {
                throw new IllegalArgumentException("\"" + arg + "\" is none of --parallelism=, --vertices= and --rate=");
            }
            options.put(arg.substring(2, equals), Integer.valueOf(arg.substring(equals + 1)));
        }
        return options;
    }
}
