package org.flinksidecar.sample;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.flinksidecar.sample.customers.LookUpCustomers;
import org.flinksidecar.sample.elasticsearch.Batching;
import org.flinksidecar.sample.elasticsearch.ElasticsearchSink;
import org.flinksidecar.sample.kafka.OrderDeserializer;
import org.flinksidecar.sample.kafka.OrderSerializer;
import org.flinksidecar.sample.orders.Order;
import org.flinksidecar.sample.orders.OrderFormat;
import org.flinksidecar.sample.orders.OrderLines;
import org.flinksidecar.sample.orders.OrderTextTypeInfo;

/** Puts the pipeline together and submits it. See the package for what it is. */
public final class OrdersJob {

    private static final String NAME = "orders enrichment";

    /** Orders from this amount on go to the alerts, as do all that belong to a measurement. */
    private static final double ALERT_AMOUNT = 900;

    private final JobOptions options;
    private final OrderFormat format;

    OrdersJob(JobOptions options) {
        this.options = options;
        this.format = options.has(Fault.KRYO) ? OrderFormat.TREE : OrderFormat.RECORD;
    }

    public static void main(String[] args) throws Exception {
        OrdersJob job = new OrdersJob(JobOptions.parse(args));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        job.configure(env);
        job.build(env);
        env.execute(NAME);
    }

    void configure(StreamExecutionEnvironment env) {
        Configuration configuration = new Configuration();
        // A job that comes back by itself, however often something under it dies, and gently when nothing helps.
        configuration.setString("restart-strategy.type", "exponential-delay");
        configuration.setString("restart-strategy.exponential-delay.initial-backoff", "1s");
        configuration.setString("restart-strategy.exponential-delay.max-backoff", "10s");
        configuration.setString("restart-strategy.exponential-delay.reset-backoff-threshold", "1min");
        // Where no type is generic, one that creeps in with a change is an error and not a loss of speed.
        configuration.set(PipelineOptions.GENERIC_TYPES, options.has(Fault.KRYO) || options.has(Fault.TYPES));
        if (options.has(Fault.FILES)) {
            configuration.setString("execution.checkpointing.write-buffer-size", "16");
            configuration.setString("execution.checkpointing.data-inline-threshold", "0b");
        }
        env.configure(configuration);
        env.setParallelism(options.parallelism());
        env.enableCheckpointing(options.checkpointInterval().toMillis());
        env.getConfig().setGlobalJobParameters(Configuration.fromMap(options.asMap()));
    }

    private void build(StreamExecutionEnvironment env) {
        DataStream<Order> orders = env.fromSource(source(), WatermarkStrategy.noWatermarks(), "orders from Kafka")
                .uid("orders-source");
        DataStream<Order> enriched = enrich(orders);
        toKafka(enriched, options.text(JobOptions.ENRICHED_TOPIC), "enriched orders to Kafka", "enriched-sink");
        toKafka(alerts(enriched), options.text(JobOptions.ALERTS_TOPIC), "alerts to Kafka", "alerts-sink");
        toElasticsearch(enriched);
        if (!options.text(JobOptions.ARCHIVE_DIRECTORY).isEmpty()) {
            toFiles(enriched);
        }
    }

    private KafkaSource<Order> source() {
        return KafkaSource.<Order>builder()
                .setBootstrapServers(options.text(JobOptions.BOOTSTRAP_SERVERS))
                .setTopics(options.text(JobOptions.SOURCE_TOPIC))
                .setGroupId(options.text(JobOptions.GROUP_ID))
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setDeserializer(new OrderDeserializer(format, type(), options.has(Fault.MAPPER)))
                .build();
    }

    /** How Flink serializes orders: as text if that fault is planted, with its own serializer otherwise. */
    private TypeInformation<Order> type() {
        return options.has(Fault.JSON) ? new OrderTextTypeInfo(format) : format.typeInformation();
    }

    /**
     * Nothing is chained to the enrichment, so that each sink begins a vertex of its own: chained into one, they would
     * share one busy time, one backpressure and one flame graph, and nobody could tell which of them is slow.
     */
    DataStream<Order> enrich(DataStream<Order> orders) {
        boolean blocking = options.has(Fault.LOOKUP);
        DataStream<Order> input = blocking ? orders : lookUp(orders);
        SingleOutputStreamOperator<Order> enriched = input.keyBy(key(), Types.STRING)
                .process(new EnrichOrders(
                        blocking ? options.lookupUrl() : null,
                        options.has(Fault.STATE),
                        options.has(Fault.HOTKEY),
                        options.has(Fault.LEAK)));
        TypeInformation<Order> type = options.has(Fault.TYPES) ? TypeInformation.of(Order.class) : type();
        return enriched.returns(type).name("enrich orders").uid("enrich-orders").disableChaining();
    }

    private KeySelector<Order, String> key() {
        return options.has(Fault.HOTKEY) ? Order::currency : Order::customerId;
    }

    private DataStream<Order> lookUp(DataStream<Order> orders) {
        return LookUpCustomers.apply(orders, options.lookupUrl())
                .name("look up customers")
                .uid("customer-lookup");
    }

    private static DataStream<Order> alerts(DataStream<Order> orders) {
        return orders.filter(order -> order.seed() != null || order.amount() >= ALERT_AMOUNT)
                .name("pick alerts")
                .uid("pick-alerts");
    }

    private void toKafka(DataStream<Order> orders, String topic, String name, String uid) {
        KafkaSink<Order> sink = KafkaSink.<Order>builder()
                .setBootstrapServers(options.text(JobOptions.BOOTSTRAP_SERVERS))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(new OrderSerializer(topic))
                .build();
        orders.sinkTo(sink).name(name).uid(uid);
    }

    /** A file is finished at each checkpoint. By default FileSink would write into one for a minute. */
    private void toFiles(DataStream<Order> orders) {
        FileSink<Order> sink = FileSink.forRowFormat(
                        new Path(options.text(JobOptions.ARCHIVE_DIRECTORY)), new OrderLines())
                .withRollingPolicy(OnCheckpointRollingPolicy.build())
                .build();
        orders.sinkTo(sink).name("orders to files").uid("archive-sink");
    }

    private void toElasticsearch(DataStream<Order> orders) {
        ElasticsearchSink<Order> sink = new ElasticsearchSink<>(
                new OrderToDocument(),
                options.elasticsearchUrl(),
                options.text(JobOptions.ELASTICSEARCH_INDEX),
                options.has(Fault.BULK) ? Batching.ONE_BY_ONE : Batching.BATCHES);
        orders.sinkTo(sink).name("orders to Elasticsearch").uid("elasticsearch-sink");
    }
}
