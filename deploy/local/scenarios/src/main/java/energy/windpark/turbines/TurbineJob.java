package energy.windpark.turbines;

import java.time.Duration;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.windowing.assigners.SlidingProcessingTimeWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.flinksidecar.scenarios.Setup;

/**
 * Averages the power of turbines over windows. Nothing is wrong, unless {@code --slide=} seconds make each record
 * part of very many windows.
 */
public final class TurbineJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        int slide = setup.number("slide", 0);
        Duration size = Duration.ofSeconds(60);
        setup.feed("turbines", Types.TUPLE(Types.INT, Types.DOUBLE), n -> Tuple2.of((int) (n % 1511), 1000.0 + n % 777))
                .keyBy(sample -> sample.f0, Types.INT)
                .window(
                        slide > 0
                                ? SlidingProcessingTimeWindows.of(size, Duration.ofSeconds(slide))
                                : TumblingProcessingTimeWindows.of(Duration.ofSeconds(10)))
                .aggregate(new MeanPower())
                .name("mean power")
                .sinkTo(new DiscardingSink<>())
                .name("dispatch");
        setup.env().execute("turbine power");
    }

    /** Count, sum and square sum, and their mean and deviation. */
    public static final class MeanPower
            implements AggregateFunction<
                    Tuple2<Integer, Double>, Tuple3<Long, Double, Double>, Tuple2<Double, Double>> {

        @Override
        public Tuple3<Long, Double, Double> createAccumulator() {
            return Tuple3.of(0L, 0.0, 0.0);
        }

        @Override
        public Tuple3<Long, Double, Double> add(Tuple2<Integer, Double> sample, Tuple3<Long, Double, Double> sum) {
            return Tuple3.of(sum.f0 + 1, sum.f1 + sample.f1, sum.f2 + sample.f1 * sample.f1);
        }

        @Override
        public Tuple2<Double, Double> getResult(Tuple3<Long, Double, Double> sum) {
            double mean = sum.f1 / sum.f0;
            return Tuple2.of(mean, Math.sqrt(Math.max(0, sum.f2 / sum.f0 - mean * mean)));
        }

        @Override
        public Tuple3<Long, Double, Double> merge(Tuple3<Long, Double, Double> a, Tuple3<Long, Double, Double> b) {
            return Tuple3.of(a.f0 + b.f0, a.f1 + b.f1, a.f2 + b.f2);
        }
    }
}
