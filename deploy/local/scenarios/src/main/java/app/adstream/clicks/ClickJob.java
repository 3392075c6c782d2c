package app.adstream.clicks;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/**
 * Reads access logs and counts what browsers do. Planted: the pattern of a line is compiled for each line. With {@code
 * --both}, the result is also put together by String.format.
 */
public final class ClickJob {

    static final String LINE =
            "^(\\S+) (\\S+) \\[([^]]+)] \"(GET|POST) (/[^ ?]*)(\\?[^ ]*)? HTTP/1\\.1\" (\\d{3}) (\\d+)$";

    private static final String[] PATHS = {"/", "/cart", "/item/4711", "/search", "/login", "/help/returns"};

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        setup.feed("access log", Types.STRING, ClickJob::line)
                .rebalance()
                .map(new ParseLine(setup.healthy(), setup.text("both", null) != null))
                .returns(Types.STRING)
                .name("parse access log")
                .keyBy(line -> line.substring(0, 1), Types.STRING)
                .sinkTo(new DiscardingSink<>())
                .name("counts");
        setup.env().execute("ad clicks");
    }

    static String line(long n) {
        return "10.0." + (n & 255) + "." + (n % 251) + " u" + (n % 9973) + " [29/Nov/2026:23:05:" + (10 + n % 50)
                + "] \"GET " + PATHS[(int) (n % PATHS.length)] + "?q=" + n + " HTTP/1.1\" 200 " + (n % 5000);
    }

    static final class ParseLine extends RichMapFunction<String, String> {

        private static final Pattern ONCE = Pattern.compile(LINE);

        private final boolean healthy;
        private final boolean formats;

        ParseLine(boolean healthy, boolean formats) {
            this.healthy = healthy;
            this.formats = formats;
        }

        @Override
        public String map(String line) {
            Matcher matcher =
                    healthy ? ONCE.matcher(line) : Pattern.compile(LINE).matcher(line);
            if (!matcher.matches()) {
                return "0 none";
            }
            int bytes = Integer.parseInt(matcher.group(8));
            String path = matcher.group(5);
            return formats
                    ? String.format("%s %s %05d", matcher.group(7), path, bytes)
                    : matcher.group(7) + ' ' + path + ' ' + bytes;
        }
    }
}
