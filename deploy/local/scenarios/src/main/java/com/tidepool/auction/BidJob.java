package com.tidepool.auction;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/**
 * Matches bids with the best ones so far. Planted: all subtasks of a TaskManager share one book of bids under one lock,
 * and hold it while they compute; with {@code --url=}, also while they wait for the answer of a service.
 */
public final class BidJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        setup.feed("bids", Types.TUPLE(Types.STRING, Types.DOUBLE), BidJob::bid)
                .keyBy(bid -> bid.f0, Types.STRING)
                .map(new MatchBids(setup.healthy(), setup.number("rounds", 200), setup.text("url", null)))
                .returns(Types.DOUBLE)
                .name("match bids")
                .sinkTo(new DiscardingSink<>())
                .name("matches");
        setup.env().execute("auction bids");
    }

    static Tuple2<String, Double> bid(long n) {
        return Tuple2.of("lot-" + n % 3001, 1.0 + n * 13 % 4999);
    }

    /** The best bids, shared by whoever asks. */
    static final class BidBook {

        static final BidBook SHARED = new BidBook();

        private final Map<String, Double> best = new HashMap<>();

        synchronized double offer(String lot, double bid, int rounds, String url) throws IOException {
            if (url != null) {
                try (InputStream answer = URI.create(url + lot).toURL().openStream()) {
                    answer.readAllBytes();
                }
            }
            return best.merge(lot, reserve(bid, rounds), Math::max);
        }

        double offerAlone(String lot, double bid, int rounds) {
            return best.merge(lot, reserve(bid, rounds), Math::max);
        }

        private static double reserve(double bid, int rounds) {
            double reserve = bid;
            for (int round = 1; round < rounds; round++) {
                reserve += Math.sin(reserve) / round;
            }
            return reserve;
        }
    }

    static final class MatchBids extends RichMapFunction<Tuple2<String, Double>, Double> {

        private final boolean healthy;
        private final int rounds;
        private final String url;
        private transient BidBook own;

        MatchBids(boolean healthy, int rounds, String url) {
            this.healthy = healthy;
            this.rounds = rounds;
            this.url = url;
        }

        @Override
        public Double map(Tuple2<String, Double> bid) throws IOException {
            if (!healthy) {
                return BidBook.SHARED.offer(bid.f0, bid.f1, rounds, url);
            }
            if (own == null) {
                own = new BidBook();
            }
            return own.offerAlone(bid.f0, bid.f1, rounds);
        }
    }
}
