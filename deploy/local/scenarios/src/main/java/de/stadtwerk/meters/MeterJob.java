package de.stadtwerk.meters;

import java.text.SimpleDateFormat;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Date;
import java.util.Locale;
import java.util.TimeZone;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.flinksidecar.scenarios.Setup;

/**
 * Smooths the readings of electricity meters and writes them as lines. Planted with {@code --line=format}:
 * String.format makes each line; with {@code --line=date}: a new SimpleDateFormat stamps each.
 */
public final class MeterJob {

    /** One reading. */
    public static final class Reading {
        public int meter;
        public long at;
        public double watts;

        public Reading() {}
    }

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        String line = setup.healthy() ? "plain" : setup.text("line", "format");
        setup.feed("meter readings", Types.POJO(Reading.class), MeterJob::reading)
                .keyBy(reading -> reading.meter, Types.INT)
                .process(new Smooth(line, setup.number("steps", 40)))
                .returns(Types.STRING)
                .name("smooth readings")
                .sinkTo(new DiscardingSink<>())
                .name("time series");
        setup.env().execute("meter readings");
    }

    static Reading reading(long n) {
        Reading reading = new Reading();
        reading.meter = (int) (n % 2003);
        reading.at = 1_790_000_000_000L + n * 7;
        reading.watts = 200 + (n * 37 % 1901);
        return reading;
    }

    static final class Smooth extends KeyedProcessFunction<Integer, Reading, String> {

        private static final DateTimeFormatter STAMP =
                DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSS").withZone(ZoneOffset.UTC);

        private final String line;
        private final int steps;
        private transient ValueState<Double> level;

        Smooth(String line, int steps) {
            this.line = line;
            this.steps = steps;
        }

        @Override
        public void open(OpenContext context) {
            level = getRuntimeContext().getState(new ValueStateDescriptor<>("level", Types.DOUBLE));
        }

        @Override
        public void processElement(Reading reading, Context context, Collector<String> out) throws Exception {
            Double before = level.value();
            double now = before == null ? reading.watts : exponential(before, reading.watts);
            level.update(now);
            out.collect(line(reading, now));
        }

        private double exponential(double before, double watts) {
            double now = before;
            for (int step = 0; step < steps; step++) {
                now += (watts - now) * 0.01 * Math.exp(-Math.abs(watts - now) / 500);
            }
            return now;
        }

        private String line(Reading reading, double now) {
            switch (line) {
                case "format":
                    return String.format(Locale.ROOT, "meter,id=%d watts=%.3f %d", reading.meter, now, reading.at);
                case "date":
                    SimpleDateFormat stamp = new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS", Locale.ROOT);
                    stamp.setTimeZone(TimeZone.getTimeZone("UTC"));
                    return "meter " + reading.meter + ' ' + stamp.format(new Date(reading.at));
                case "stamp":
                    return "meter " + reading.meter + ' ' + STAMP.format(Instant.ofEpochMilli(reading.at));
                default:
                    return "meter " + reading.meter + ' ' + Math.round(now) + ' ' + reading.at;
            }
        }
    }
}
