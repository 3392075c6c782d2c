package org.seismonet.waves;

import java.util.Arrays;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.source.legacy.ParallelSourceFunction;
import org.flinksidecar.scenarios.Setup;

/**
 * Filters seismic waves. Its old source sleeps between batches, as it should: nothing is wrong with it, unless {@code
 * --slow} makes the filter the bottleneck by sorting each wave anew for each of its samples.
 */
public final class WaveJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        setup.env()
                .addSource(
                        new Stations(setup.number("pause", 50)),
                        "stations",
                        PrimitiveArrayTypeInfo.FLOAT_PRIMITIVE_ARRAY_TYPE_INFO)
                .rebalance()
                .map(setup.text("slow", null) == null ? WaveJob::peak : WaveJob::median)
                .returns(Types.FLOAT)
                .name("filter waves")
                .sinkTo(new DiscardingSink<>())
                .name("alarms");
        setup.env().execute("seismic waves");
    }

    static float peak(float[] wave) {
        float peak = 0;
        for (float sample : wave) {
            peak = Math.max(peak, Math.abs(sample));
        }
        return peak;
    }

    static float median(float[] wave) {
        float sum = 0;
        for (int i = 0; i < wave.length; i += 8) {
            float[] window = Arrays.copyOfRange(wave, Math.max(0, i - 64), Math.min(wave.length, i + 64));
            Arrays.sort(window);
            sum += window[window.length / 2];
        }
        return sum;
    }

    static final class Stations implements ParallelSourceFunction<float[]> {

        private final int pause;
        private volatile boolean running = true;

        Stations(int pause) {
            this.pause = pause;
        }

        @Override
        public void run(SourceContext<float[]> context) throws InterruptedException {
            long n = 0;
            while (running) {
                synchronized (context.getCheckpointLock()) {
                    for (int i = 0; i < 20; i++) {
                        context.collect(wave(n++));
                    }
                }
                Thread.sleep(pause);
            }
        }

        private static float[] wave(long n) {
            float[] wave = new float[512];
            for (int i = 0; i < wave.length; i++) {
                wave[i] = (n * 31 + i * 17) % 101 - 50;
            }
            return wave;
        }

        @Override
        public void cancel() {
            running = false;
        }
    }
}
