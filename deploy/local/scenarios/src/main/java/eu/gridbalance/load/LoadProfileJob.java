package eu.gridbalance.load;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/** Makes load profiles of samples of the grid. Planted: histograms are maps of boxed numbers, built anew for each. */
public final class LoadProfileJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        setup.feed("grid samples", PrimitiveArrayTypeInfo.DOUBLE_PRIMITIVE_ARRAY_TYPE_INFO, LoadProfileJob::samples)
                .rebalance()
                .map(new Profile(setup.healthy()))
                .returns(Types.LONG)
                .name("load profile")
                .sinkTo(new DiscardingSink<>())
                .name("profiles");
        setup.env().execute("load profiles");
    }

    static double[] samples(long n) {
        double[] samples = new double[96];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = 40_000 + (n * 31 + i * 977) % 20_011;
        }
        return samples;
    }

    static final class Profile extends RichMapFunction<double[], Long> {

        private final boolean healthy;

        Profile(boolean healthy) {
            this.healthy = healthy;
        }

        @Override
        public Long map(double[] samples) {
            return healthy ? primitive(samples) : boxed(samples);
        }

        private static long boxed(double[] samples) {
            Map<Long, Long> histogram = new HashMap<>();
            List<Double> ramps = new ArrayList<>();
            for (int i = 1; i < samples.length; i++) {
                histogram.merge((long) samples[i] / 16, 1L, Long::sum);
                ramps.add(samples[i] - samples[i - 1]);
            }
            long peak = 0;
            for (Map.Entry<Long, Long> bin : histogram.entrySet()) {
                peak = Math.max(peak, bin.getValue() * bin.getKey());
            }
            double sum = 0;
            for (Double ramp : ramps) {
                sum += Math.abs(ramp);
            }
            return peak + Math.round(sum);
        }

        private static long primitive(double[] samples) {
            long[] histogram = new long[4096];
            double sum = 0;
            long peak = 0;
            for (int i = 1; i < samples.length; i++) {
                int bin = (int) samples[i] / 16 & 4095;
                peak = Math.max(peak, ++histogram[bin] * bin);
                sum += Math.abs(samples[i] - samples[i - 1]);
            }
            return peak + Math.round(sum);
        }
    }
}
