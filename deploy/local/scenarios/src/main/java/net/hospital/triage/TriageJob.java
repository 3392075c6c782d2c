package net.hospital.triage;

import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple4;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Scores patients by their vital signs. Planted: each patient is logged at level INFO. */
public final class TriageJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        setup.feed("vital signs", Types.TUPLE(Types.LONG, Types.INT, Types.INT, Types.DOUBLE), TriageJob::signs)
                .rebalance()
                .map(new Score(setup.healthy(), setup.number("terms", 2500)))
                .returns(Types.DOUBLE)
                .name("score patients")
                .sinkTo(new DiscardingSink<>())
                .name("board");
        setup.env().execute("triage");
    }

    static Tuple4<Long, Integer, Integer, Double> signs(long n) {
        return Tuple4.of(n, (int) (50 + n % 90), (int) (80 + n % 101), 35 + n % 60 / 10.0);
    }

    static final class Score extends RichMapFunction<Tuple4<Long, Integer, Integer, Double>, Double> {

        private static final Logger LOG = LoggerFactory.getLogger(Score.class);

        private final boolean healthy;
        private final int terms;

        Score(boolean healthy, int terms) {
            this.healthy = healthy;
            this.terms = terms;
        }

        @Override
        public Double map(Tuple4<Long, Integer, Integer, Double> signs) {
            double score = logistic(signs);
            if (healthy) {
                LOG.debug("patient {} has score {}", signs.f0, score);
            } else {
                LOG.info(
                        "patient {} has score {} with pulse {} and temperature {}",
                        signs.f0,
                        score,
                        signs.f1,
                        signs.f3);
            }
            return score;
        }

        private double logistic(Tuple4<Long, Integer, Integer, Double> signs) {
            double sum = 0;
            for (int term = 1; term <= terms; term++) {
                sum += Math.exp(-signs.f1 / (10.0 * term)) + (signs.f2 - 120) * signs.f3 / (1000.0 * term);
            }
            return 1 / (1 + Math.exp(-sum / terms));
        }
    }
}
