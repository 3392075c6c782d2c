package io.cargoflow.customs;

import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.flinksidecar.scenarios.Setup;

/**
 * Values customs declarations. Planted: weights that are no number are recognised by the exception that parsing them
 * throws, which is what most of them do.
 */
public final class DeclarationJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        setup.feed("declarations", Types.TUPLE(Types.STRING, Types.STRING, Types.INT), DeclarationJob::declaration)
                .keyBy(declaration -> declaration.f0, Types.STRING)
                .flatMap(new Value(setup.healthy(), setup.number("rounds", 30)))
                .returns(Types.DOUBLE)
                .name("value declarations")
                .sinkTo(new DiscardingSink<>())
                .name("duties");
        setup.env().execute("customs declarations");
    }

    static Tuple3<String, String, Integer> declaration(long n) {
        String weight = n % 10 < 7 ? "n/a" + n % 13 : Long.toString(n % 30_000);
        return Tuple3.of("HS" + n % 977, weight, (int) (n % 12_345));
    }

    static final class Value extends RichFlatMapFunction<Tuple3<String, String, Integer>, Double> {

        private final boolean healthy;
        private final int rounds;

        Value(boolean healthy, int rounds) {
            this.healthy = healthy;
            this.rounds = rounds;
        }

        @Override
        public void flatMap(Tuple3<String, String, Integer> declaration, Collector<Double> out) {
            int weight = healthy ? digits(declaration.f1) : weight(declaration.f1);
            out.collect(duty(weight, declaration.f2));
        }

        private static int weight(String text) {
            try {
                return Integer.parseInt(text);
            } catch (NumberFormatException e) {
                return 1;
            }
        }

        private static int digits(String text) {
            int number = 0;
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                if (c < '0' || c > '9') {
                    return 1;
                }
                number = number * 10 + c - '0';
            }
            return number;
        }

        private double duty(int weight, int value) {
            double duty = value;
            for (int round = 1; round <= rounds; round++) {
                duty += Math.sqrt(weight * 0.01 * round) + Math.log1p(value) / round;
            }
            return duty;
        }
    }
}
