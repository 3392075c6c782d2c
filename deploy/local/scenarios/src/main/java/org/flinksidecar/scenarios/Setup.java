package org.flinksidecar.scenarios;

import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What the jobs have in common: their arguments, {@code --name=value} each, and their environment.
 *
 * <p>{@code --rate=} is in records per second of all subtasks; 0, the default, is as fast as the job can. {@code
 * --healthy} repairs what the job does wrong. {@code --set.KEY=VALUE} is a setting of Flink.
 */
public final class Setup {

    private final Map<String, String> options = new HashMap<>();
    private final StreamExecutionEnvironment env;

    public Setup(String... args) {
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (!arg.startsWith("--")) {
                throw new IllegalArgumentException("\"" + arg + "\" is not --name or --name=value");
            }
            options.put(
                    equals < 0 ? arg.substring(2) : arg.substring(2, equals),
                    equals < 0 ? "" : arg.substring(equals + 1));
        }
        Configuration configuration = new Configuration();
        configuration.setString("execution.checkpointing.interval", "10s");
        options.forEach((name, value) -> {
            if (name.startsWith("set.")) {
                configuration.setString(name.substring("set.".length()), value);
            }
        });
        env = StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(number("parallelism", 2));
    }

    public StreamExecutionEnvironment env() {
        return env;
    }

    public boolean healthy() {
        return options.containsKey("healthy");
    }

    public int number(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    public String text(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    /** The records of a generator, in a vertex of their own unless something is chained to it. */
    public <T> SingleOutputStreamOperator<T> feed(
            String name, TypeInformation<T> type, GeneratorFunction<Long, T> records) {
        int rate = number("rate", 0);
        DataGeneratorSource<T> source = rate > 0
                ? new DataGeneratorSource<>(records, Long.MAX_VALUE, RateLimiterStrategy.perSecond(rate), type)
                : new DataGeneratorSource<>(records, Long.MAX_VALUE, type);
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), name);
    }
}
