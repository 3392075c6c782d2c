package io.newsroom.wires;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.flinksidecar.scenarios.Setup;

/**
 * Ranks news wires. Planted, by {@code --what=}: {@code mapper} makes a JSON mapper for each wire; {@code beside} reads
 * them well but makes the ranking so slow that the reading, dear as it is, does not limit the job.
 */
public final class WireJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        String what = setup.healthy() ? "plain" : setup.text("what", "mapper");
        setup.feed("wires", Types.STRING, WireJob::wire)
                .rebalance()
                .flatMap(new ReadWire(what.equals("mapper")))
                .returns(Types.TUPLE(Types.STRING, Types.STRING))
                .name("read wires")
                .keyBy(wire -> wire.f0, Types.STRING)
                .map(new RankWire(what.equals("beside") ? setup.number("rounds", 60) : 1))
                .returns(Types.INT)
                .name("rank wires")
                .sinkTo(new DiscardingSink<>())
                .name("front page");
        setup.env().execute("news wires");
    }

    static String wire(long n) {
        return "{\"desk\":\"desk-" + n % 97 + "\",\"title\":\"A headline of number " + n
                + "\",\"words\":" + (100 + n % 900) + ",\"tags\":[\"politics\",\"sports\",\"" + n % 31
                + "\"],\"body\":\"" + "lorem ipsum dolor ".repeat(8) + "\"}";
    }

    static final class ReadWire extends RichFlatMapFunction<String, Tuple2<String, String>> {

        private static final ObjectMapper ONCE = new ObjectMapper();

        private final boolean mappers;

        ReadWire(boolean mappers) {
            this.mappers = mappers;
        }

        @Override
        public void flatMap(String wire, Collector<Tuple2<String, String>> out) throws Exception {
            JsonNode tree = (mappers ? new ObjectMapper() : ONCE).readTree(wire);
            if (tree.path("words").asInt() > 50) {
                out.collect(
                        Tuple2.of(tree.path("desk").asText(), tree.path("title").asText()));
            }
        }
    }

    static final class RankWire extends RichMapFunction<Tuple2<String, String>, Integer> {

        private final int rounds;

        RankWire(int rounds) {
            this.rounds = rounds;
        }

        @Override
        public Integer map(Tuple2<String, String> wire) throws Exception {
            byte[] seal = wire.f1.getBytes(StandardCharsets.UTF_8);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int round = 0; round < rounds; round++) {
                seal = digest.digest(seal);
            }
            return seal[0] & 255;
        }
    }
}
