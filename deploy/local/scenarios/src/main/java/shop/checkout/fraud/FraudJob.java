package shop.checkout.fraud;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.datastream.AsyncDataStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.functions.async.RichAsyncFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksidecar.scenarios.Setup;

/**
 * Scores payments by what a service at {@code --url=} knows of the customer. Planted, by {@code --what=}: {@code call}
 * waits for the answer in the task, {@code sink} posts each payment by itself to {@code --to=}.
 */
public final class FraudJob {

    public static void main(String[] args) throws Exception {
        Setup setup = new Setup(args);
        String what = setup.healthy() ? "async" : setup.text("what", "call");
        String url = setup.text("url", null);
        DataStream<Tuple2<String, Double>> payments = setup.feed(
                "payments",
                Types.TUPLE(Types.STRING, Types.DOUBLE),
                n -> Tuple2.of("customer-" + n % 5000, 1.0 + n % 900));
        if (what.equals("sink")) {
            payments.rebalance().sinkTo(new PaymentSink(setup.text("to", null))).name("payment ledger");
        } else if (what.equals("call")) {
            payments.keyBy(payment -> payment.f0, Types.STRING)
                    .map(new AskScore(url))
                    .returns(Types.STRING)
                    .name("ask for score")
                    .sinkTo(new DiscardingSink<>())
                    .name("decisions");
        } else {
            AsyncDataStream.unorderedWait(payments, new AskScoreLater(url), 30, TimeUnit.SECONDS, 40)
                    .returns(Types.STRING)
                    .name("ask for score")
                    .sinkTo(new DiscardingSink<>())
                    .name("decisions");
        }
        setup.env().execute("payment scores");
    }

    static final class AskScore extends RichMapFunction<Tuple2<String, Double>, String> {

        private final String url;

        AskScore(String url) {
            this.url = url;
        }

        @Override
        public String map(Tuple2<String, Double> payment) throws IOException {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url + payment.f0).toURL().openConnection();
            try (InputStream answer = connection.getInputStream()) {
                return payment.f1 + new String(answer.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    static final class AskScoreLater extends RichAsyncFunction<Tuple2<String, Double>, String> {

        private final String url;
        private transient HttpClient http;

        AskScoreLater(String url) {
            this.url = url;
        }

        @Override
        public void open(OpenContext context) {
            http = HttpClient.newHttpClient();
        }

        @Override
        public void asyncInvoke(Tuple2<String, Double> payment, ResultFuture<String> result) {
            http.sendAsync(
                            HttpRequest.newBuilder(URI.create(url + payment.f0)).build(),
                            HttpResponse.BodyHandlers.ofString())
                    .whenComplete((answer, failure) ->
                            result.complete(Collections.singleton(failure == null ? answer.body() : "unknown")));
        }
    }

    static final class PaymentSink implements Sink<Tuple2<String, Double>> {

        private final String to;

        PaymentSink(String to) {
            this.to = to;
        }

        @Override
        public SinkWriter<Tuple2<String, Double>> createWriter(WriterInitContext context) {
            return new Post(to, HttpClient.newHttpClient(), context);
        }
    }

    static final class Post implements SinkWriter<Tuple2<String, Double>> {

        private final String to;
        private final HttpClient http;
        private final Counter requests;

        Post(String to, HttpClient http, WriterInitContext context) {
            this.to = to;
            this.http = http;
            this.requests = context.metricGroup().counter("numRequests");
        }

        @Override
        public void write(Tuple2<String, Double> payment, Context context) throws IOException, InterruptedException {
            String body = "{\"customer\":\"" + payment.f0 + "\",\"amount\":" + payment.f1 + "}";
            requests.inc();
            http.send(
                    HttpRequest.newBuilder(URI.create(to))
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(body))
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
    }
}
