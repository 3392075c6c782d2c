package tv.playhead.views;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.flinksidecar.scenarios.Setup;

/** Counts views of programmes. Planted: four of five views are of one programme, and views are keyed by programme. */
public final class ViewJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        boolean healthy = setup.healthy();
        setup.feed("views", Types.TUPLE(Types.STRING, Types.LONG, Types.INT), n -> view(n, healthy))
                .keyBy(view -> view.f0, Types.STRING)
                .process(new Watch(setup.number("curve", 60)))
                .returns(Types.DOUBLE)
                .name("watch time")
                .sinkTo(new DiscardingSink<>())
                .name("ratings");
        setup.env().execute("view counts");
    }

    static Tuple3<String, Long, Integer> view(long n, boolean even) {
        String programme = !even && n % 10 < 8 ? "the final" : "programme " + n % 503;
        return Tuple3.of(programme, n % 100_003, (int) (n % 5400));
    }

    static final class Watch extends KeyedProcessFunction<String, Tuple3<String, Long, Integer>, Double> {

        private final int curve;
        private transient MapState<Integer, Integer> minutes;

        Watch(int curve) {
            this.curve = curve;
        }

        @Override
        public void open(OpenContext context) {
            minutes = getRuntimeContext().getMapState(new MapStateDescriptor<>("minutes", Types.INT, Types.INT));
        }

        @Override
        public void processElement(Tuple3<String, Long, Integer> view, Context context, Collector<Double> out)
                throws Exception {
            int minute = view.f2 / 60;
            Integer seen = minutes.get(minute);
            minutes.put(minute, seen == null ? 1 : seen + 1);
            out.collect(retention(minute, seen == null ? 1 : seen));
        }

        private double retention(int minute, int seen) {
            double retention = 1;
            for (int step = 1; step < curve; step++) {
                retention -= Math.pow(retention / step, 1.5) * seen / (seen + minute + 1.0) / 100;
            }
            return retention;
        }
    }
}
