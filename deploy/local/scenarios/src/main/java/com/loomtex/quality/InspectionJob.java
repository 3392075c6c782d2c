package com.loomtex.quality;

import java.time.LocalDateTime;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/**
 * Inspects rolls of cloth. Planted, by {@code --what=}: {@code kryo} sends rolls that Flink takes for generic, since
 * they have no constructor without arguments; {@code copies} sends good ones through a chain of {@code --checks=}
 * operators that each get a copy, object reuse being off.
 */
public final class InspectionJob {

    /** A roll that Flink has no serializer for. */
    public static final class Roll {
        final String id;
        final LocalDateTime woven;
        final BitSet flaws;
        final Map<String, Double> tension;

        Roll(String id, LocalDateTime woven, BitSet flaws, Map<String, Double> tension) {
            this.id = id;
            this.woven = woven;
            this.flaws = flaws;
            this.tension = tension;
        }
    }

    /** A roll that Flink serializes field by field. */
    public static final class PlainRoll {
        public String id;
        public long woven;
        public long[] flaws;
        public double warp;
        public double weft;
        public String loom;
        public String operator;
        public int metres;
        public Map<String, Double> tension;

        public PlainRoll() {}
    }

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        switch (setup.healthy() ? "plain" : setup.text("what", "kryo")) {
            case "kryo":
                setup.feed("rolls", TypeInformation.of(new TypeHint<Roll>() {}), InspectionJob::roll)
                        .keyBy(roll -> roll.id, Types.STRING)
                        .map(roll -> roll.id + score(roll.flaws.toLongArray()))
                        .returns(Types.STRING)
                        .name("inspect rolls")
                        .sinkTo(new DiscardingSink<>())
                        .name("reports");
                break;
            default:
                DataStream<PlainRoll> rolls = setup.feed("rolls", Types.POJO(PlainRoll.class), InspectionJob::plain)
                        .keyBy(roll -> roll.id, Types.STRING)
                        .map(roll -> roll)
                        .returns(Types.POJO(PlainRoll.class))
                        .name("receive rolls");
                for (int check = 1; check <= setup.number("checks", 6); check++) {
                    int level = check;
                    rolls = rolls.filter(roll -> roll.metres >= level).name("check " + check);
                }
                rolls.map(roll -> roll.id + score(roll.flaws))
                        .returns(Types.STRING)
                        .name("inspect rolls")
                        .sinkTo(new DiscardingSink<>())
                        .name("reports");
        }
        setup.env().execute("cloth inspection");
    }

    static Roll roll(long n) {
        BitSet flaws = new BitSet(512);
        for (int i = 0; i < 12; i++) {
            flaws.set(Math.floorMod(n * 31 + i * 43, 512));
        }
        Map<String, Double> tension = new LinkedHashMap<>();
        tension.put("warp", 20 + n % 7 / 10.0);
        tension.put("weft", 18 + n % 5 / 10.0);
        return new Roll("roll-" + n % 1009, LocalDateTime.of(2026, 11, 29, 23, 0, (int) (n % 60)), flaws, tension);
    }

    static PlainRoll plain(long n) {
        PlainRoll roll = new PlainRoll();
        roll.id = "roll-" + n % 1009;
        roll.woven = n;
        roll.flaws = new long[] {n, n * 31, n * 17, n * 13};
        roll.warp = 20 + n % 7 / 10.0;
        roll.weft = 18 + n % 5 / 10.0;
        roll.loom = "loom " + n % 12;
        roll.operator = "shift " + n % 3;
        roll.metres = (int) (20 + n % 80);
        roll.tension = new LinkedHashMap<>(Map.of("warp", roll.warp, "weft", roll.weft));
        return roll;
    }

    private static double score(long[] flaws) {
        double score = 0;
        for (int round = 0; round < 40; round++) {
            for (long word : flaws) {
                score += Math.sqrt(Long.bitCount(word) + round);
            }
        }
        return score;
    }
}
