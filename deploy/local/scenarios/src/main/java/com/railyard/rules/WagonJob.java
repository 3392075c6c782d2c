package com.railyard.rules;

import java.lang.reflect.Method;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/** Sorts wagons by rules. Planted: each rule looks its property up by reflection for each wagon. */
public final class WagonJob {

    /** A wagon at the hump. */
    public static final class Wagon {
        public int number;
        public int axles;
        public double tonnes;
        public String destination;

        public Wagon() {}

        public int getAxles() {
            return axles;
        }

        public double getTonnes() {
            return tonnes;
        }

        public String getDestination() {
            return destination;
        }
    }

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        setup.feed("wagons", Types.POJO(Wagon.class), WagonJob::wagon)
                .rebalance()
                .map(new Sort(setup.healthy(), setup.number("tracks", 24)))
                .returns(Types.INT)
                .name("sort wagons")
                .sinkTo(new DiscardingSink<>())
                .name("switches");
        setup.env().execute("wagon sorting");
    }

    static Wagon wagon(long n) {
        Wagon wagon = new Wagon();
        wagon.number = (int) n;
        wagon.axles = (int) (2 + n % 3 * 2);
        wagon.tonnes = 18 + n % 60;
        wagon.destination = "yard-" + n % 41;
        return wagon;
    }

    static final class Sort extends RichMapFunction<Wagon, Integer> {

        private final boolean healthy;
        private final int tracks;

        Sort(boolean healthy, int tracks) {
            this.healthy = healthy;
            this.tracks = tracks;
        }

        @Override
        public Integer map(Wagon wagon) throws Exception {
            double tonnes = healthy ? wagon.getTonnes() : ((Number) property(wagon, "Tonnes")).doubleValue();
            int axles = healthy ? wagon.getAxles() : ((Number) property(wagon, "Axles")).intValue();
            String destination = healthy ? wagon.getDestination() : (String) property(wagon, "Destination");
            return track(destination, tonnes / axles);
        }

        private static Object property(Wagon wagon, String name) throws Exception {
            for (Method method : wagon.getClass().getMethods()) {
                if (method.getName().equals("get" + name)) {
                    return method.invoke(wagon);
                }
            }
            throw new NoSuchMethodException(name);
        }

        private int track(String destination, double load) {
            int best = 0;
            double least = Double.MAX_VALUE;
            for (int track = 0; track < tracks; track++) {
                double cost = Math.abs(Math.sin(destination.hashCode() * 31 + track)) * load + Math.cbrt(track);
                if (cost < least) {
                    least = cost;
                    best = track;
                }
            }
            return best;
        }
    }
}
