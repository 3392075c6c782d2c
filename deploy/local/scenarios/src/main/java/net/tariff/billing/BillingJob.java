package net.tariff.billing;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/**
 * Rates calls. Planted, by {@code --what=}: {@code decimal} computes the price of each second in BigDecimal,
 * {@code split} takes each record apart by String.split and puts it together by concatenation, field after field.
 */
public final class BillingJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        String what = setup.healthy() ? "plain" : setup.text("what", "decimal");
        setup.feed("call records", Types.STRING, BillingJob::call)
                .keyBy(call -> call.substring(0, call.indexOf(';')), Types.STRING)
                .map(new Rate(what))
                .returns(Types.STRING)
                .name("rate calls")
                .sinkTo(new DiscardingSink<>())
                .name("invoices");
        setup.env().execute("call billing");
    }

    static String call(long n) {
        return "+49" + n % 4001 + ";+33" + n % 777 + ';' + (10 + n % 600) + ";0." + (10 + n % 80) + ";EUR;night;voice;"
                + n;
    }

    static final class Rate extends RichMapFunction<String, String> {

        private final String what;
        private transient ValueState<Long> total;

        Rate(String what) {
            this.what = what;
        }

        @Override
        public void open(OpenContext context) {
            total = getRuntimeContext().getState(new ValueStateDescriptor<>("total", Types.LONG));
        }

        @Override
        public String map(String call) throws Exception {
            int first = call.indexOf(';', call.indexOf(';') + 1) + 1;
            int second = call.indexOf(';', first) + 1;
            int seconds = Integer.parseInt(call, first, second - 1, 10);
            String price = call.substring(second, call.indexOf(';', second));
            long cents =
                    what.equals("decimal") ? decimal(seconds, price) : Math.round(seconds * Double.parseDouble(price));
            Long soFar = total.value();
            total.update(soFar == null ? cents : soFar + cents);
            return what.equals("split") ? rewrite(call, cents) : call;
        }

        private static long decimal(int seconds, String price) {
            BigDecimal sum = BigDecimal.ZERO;
            BigDecimal each = new BigDecimal(price).divide(BigDecimal.valueOf(60), 12, RoundingMode.HALF_EVEN);
            for (int second = 0; second < seconds; second += 40) {
                sum = sum.add(each.multiply(BigDecimal.valueOf(40)).setScale(6, RoundingMode.HALF_UP));
            }
            return sum.movePointRight(2).setScale(0, RoundingMode.HALF_UP).longValue();
        }

        private static String rewrite(String call, long cents) {
            String out = "";
            for (String field : call.split(";")) {
                String[] words = field.split("\\+|\\.");
                for (String word : words) {
                    out = out + word + '|';
                }
            }
            return out + cents;
        }
    }
}
