package com.fleetpulse.trips;

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.datagen.source.GeneratorFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.flinksidecar.scenarios.Setup;

/**
 * Follows vehicles. Planted, by {@code --what=}: {@code map} asks keyed state many times for each position,
 * {@code list} reads all positions of a vehicle for each new one. {@code --set.state.backend.type=rocksdb} makes
 * either dear.
 */
public final class TripJob {

    /** Where a vehicle is. */
    public static final class Position {
        public long vehicle;
        public double latitude;
        public double longitude;
        public long at;

        public Position() {}
    }

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        String what = setup.healthy() ? "value" : setup.text("what", "map");
        setup.feed("positions", Types.POJO(Position.class), positions(setup.number("vehicles", 20_000)))
                .keyBy(position -> position.vehicle, Types.LONG)
                .process(new Follow(what, setup.number("kept", 200)))
                .returns(Types.DOUBLE)
                .name("follow vehicles")
                .sinkTo(new DiscardingSink<>())
                .name("trips");
        setup.env().execute("vehicle trips");
    }

    static GeneratorFunction<Long, Position> positions(int vehicles) {
        return n -> {
            Position position = new Position();
            position.vehicle = n * 7919 % vehicles;
            position.latitude = 48 + n % 1000 / 1e4;
            position.longitude = 11 + n % 777 / 1e4;
            position.at = n;
            return position;
        };
    }

    static final class Follow extends KeyedProcessFunction<Long, Position, Double> {

        private final String what;
        private final int kept;
        private transient ValueState<Position> last;
        private transient MapState<Integer, Double> cells;
        private transient ListState<Position> trail;

        Follow(String what, int kept) {
            this.what = what;
            this.kept = kept;
        }

        @Override
        public void open(OpenContext context) {
            last = getRuntimeContext().getState(new ValueStateDescriptor<>("last", Types.POJO(Position.class)));
            cells = getRuntimeContext().getMapState(new MapStateDescriptor<>("cells", Types.INT, Types.DOUBLE));
            trail = getRuntimeContext().getListState(new ListStateDescriptor<>("trail", Types.POJO(Position.class)));
        }

        @Override
        public void processElement(Position position, Context context, Collector<Double> out) throws Exception {
            double way = 0;
            switch (what) {
                case "map":
                    int cell = (int) (position.latitude * 100);
                    for (int around = -2; around <= 2; around++) {
                        Double seen = cells.get(cell + around);
                        way += seen == null ? 1 : seen;
                    }
                    cells.put(cell, way);
                    break;
                case "list":
                    int length = 0;
                    for (Position before : trail.get()) {
                        way += distance(before, position);
                        length++;
                    }
                    if (length > kept) {
                        trail.clear();
                    }
                    trail.add(position);
                    break;
                default:
                    Position before = last.value();
                    way = before == null ? 0 : distance(before, position);
                    last.update(position);
            }
            out.collect(way);
        }

        private static double distance(Position a, Position b) {
            double x =
                    Math.toRadians(b.longitude - a.longitude) * Math.cos(Math.toRadians((a.latitude + b.latitude) / 2));
            double y = Math.toRadians(b.latitude - a.latitude);
            return 6371 * Math.sqrt(x * x + y * y);
        }
    }
}
