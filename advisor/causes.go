package advisor

// The patterns behind the rules. They name libraries by fragments where shading
// is usual: Flink and many jobs carry Jackson under a package of their own.

var (
	// What Jackson and Gson do only while a mapper is built or warms up.
	mapperCreation = pattern{
		"*com.fasterxml.jackson.databind.ObjectMapper.<init>", "*com.fasterxml.jackson.databind.json.JsonMapper.<init>", "*com.fasterxml.jackson.databind.json.JsonMapper.builder",
		"*com.fasterxml.jackson.databind.ObjectMapper.registerModule*", "*com.fasterxml.jackson.databind.ObjectMapper.findModules*",
		"*com.fasterxml.jackson.databind.deser.DeserializerCache._create*", "*com.fasterxml.jackson.databind.deser.BeanDeserializerFactory.buildBeanDeserializer*",
		"*com.fasterxml.jackson.databind.SerializerProvider._createAndCache*", "*com.fasterxml.jackson.databind.ser.BeanSerializerFactory.*",
		"*com.fasterxml.jackson.databind.introspect.POJOPropertiesCollector.*", "*com.fasterxml.jackson.databind.introspect.AnnotatedClassResolver.*",
		"*com.fasterxml.jackson.databind.introspect.BasicClassIntrospector.*", "*com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector.*",
		"com.google.gson.Gson.<init>", "com.google.gson.GsonBuilder.create",
	}
	// Kryo, and Java's own serialization, which is slower still.
	kryo = pattern{
		"com.esotericsoftware.*", "*.typeutils.runtime.kryo.*", "*.typeutils.runtime.kryo5.*", "com.twitter.chill.*",
		"java.io.ObjectOutputStream.*", "java.io.ObjectInputStream.*",
	}
	logging = pattern{
		"org.apache.logging.*", "org.apache.log4j.*", "ch.qos.logback.*", "org.slf4j.*", "java.util.logging.*", "java.io.PrintStream.print*", "mu.*KLogger*", "io.github.oshai.*",
	}
	throwing = pattern{
		"java.lang.Throwable.fillInStackTrace", "java.lang.Throwable.<init>", "java.lang.Exception.<init>", "java.lang.RuntimeException.<init>", "java.lang.Throwable.getStackTrace", "java.lang.Throwable.printStackTrace",
		"JVM_FillInStackTrace", "java_lang_Throwable::*", "Exceptions::*",
	}
	regexCompiling = pattern{"java.util.regex.Pattern.compile", "java.util.regex.Pattern.<init>", "java.lang.String.replaceAll", "java.lang.String.replaceFirst", "java.lang.String.matches", "kotlin.text.Regex.<init>", "scala.util.matching.Regex.<init>"}
	regexMatching  = pattern{"java.util.regex.*", "kotlin.text.Regex.*", "com.google.re2j.*"}
	dates          = pattern{"java.text.SimpleDateFormat.*", "java.text.DateFormat*", "java.time.format.*", "org.joda.time.format.*", "org.apache.commons.lang3.time.*", "sun.util.calendar.*"}
	formatting     = pattern{"java.lang.String.format", "java.lang.String.formatted", "java.util.Formatter*", "java.text.MessageFormat.*", "java.text.DecimalFormat.*", "java.text.NumberFormat.*"}
	jsonTrees      = pattern{
		"*com.fasterxml.jackson.databind.ObjectMapper.readTree", "*com.fasterxml.jackson.databind.ObjectReader.readTree", "*com.fasterxml.jackson.databind.*JsonNodeDeserializer*", "*com.fasterxml.jackson.databind.*UntypedObjectDeserializer*",
		"*com.fasterxml.jackson.databind.ObjectMapper.convertValue", "*com.fasterxml.jackson.databind.ObjectMapper.valueToTree", "*com.fasterxml.jackson.databind.ObjectMapper.treeToValue", "*com.fasterxml.jackson.databind.node.*serialize*",
		"org.json.*", "com.google.gson.*", "net.minidev.json.*", "org.json4s.*", "play.api.libs.json.*", "com.jayway.jsonpath.*", "io.circe.*",
	}
	jsonTyped = pattern{"*com.fasterxml.jackson.*", "com.alibaba.fastjson*", "com.dslplatform.json.*", "kotlinx.serialization.json.*", "com.squareup.moshi.*", "jakarta.json.*", "*.formats.json.*"}
	ciphering = pattern{"sun.security.ssl.*", "javax.crypto.*", "com.sun.crypto.provider.*", "org.bouncycastle.*", "*.netty.handler.ssl.*", "*.netty.internal.tcnative.*", "SSL_*", "EVP_*"}
	// The synchronous part of a checkpoint runs in the task thread.
	snapshotting = pattern{"org.apache.flink.streaming.runtime.tasks.SubtaskCheckpointCoordinatorImpl.*"}
	state        = pattern{
		"org.rocksdb.*", "rocksdb::*", "org.apache.flink.state.rocksdb.*", "org.apache.flink.contrib.streaming.state.*", "org.apache.flink.state.forst.*", "org.forstdb.*",
		"org.apache.flink.runtime.state.heap.*", "org.apache.flink.runtime.state.ttl.*", "org.apache.flink.runtime.state.UserFacing*", "org.apache.flink.state.changelog.*",
	}
	compressing = pattern{
		"java.util.zip.Deflater*", "java.util.zip.Inflater*", "java.util.zip.GZIP*", "net.jpountz.lz4.*", "org.xerial.snappy.*", "com.github.luben.zstd.*", "io.airlift.compress.*",
		"org.apache.kafka.common.compress.*", "org.apache.commons.compress.*", "LZ4_*", "ZSTD_*", "snappy::*", "deflate*", "inflate*", "*.runtime.io.compression.*",
	}
	producing = pattern{"org.apache.kafka.clients.producer.*", "*.connector.kafka.sink.internal.FlinkKafkaInternalProducer.*", "*.connector.kafka.sink.FlinkKafkaInternalProducer.*"}
	locking   = pattern{
		"ObjectMonitor::*", "ObjectSynchronizer::*", "java.util.concurrent.locks.ReentrantLock.lock", "java.util.concurrent.locks.ReentrantLock$Sync.lock", "java.util.concurrent.locks.ReentrantReadWriteLock*",
		"java.util.concurrent.locks.StampedLock.*",
	}
	reflecting = pattern{"java.lang.reflect.*", "jdk.internal.reflect.*", "sun.reflect.*", "java.lang.Class.getDeclared*", "java.lang.Class.getMethod*", "java.lang.Class.getField*", "java.lang.Class.forName*", "java.lang.Class.newInstance"}
	// Flink's POJO serializer and Avro read fields by reflection, by design.
	reflectingByDesign = pattern{"*PojoSerializer.*", "org.apache.avro.*"}
	boxing             = pattern{"java.lang.Integer.valueOf", "java.lang.Long.valueOf", "java.lang.Double.valueOf", "java.lang.Float.valueOf", "java.lang.Short.valueOf", "java.lang.Character.valueOf", "scala.runtime.BoxesRunTime.*"}
)

// Calls that wait for an answer in the thread they are made in. A client's
// asynchronous methods are not among them, nor is what it does in its own threads.
var blockingCalls = pattern{
	"jdk.internal.net.http.HttpClientImpl.send", "jdk.internal.net.http.HttpClientFacade.send", "java.net.HttpURLConnection.*", "sun.net.www.protocol.*",
	"*okhttp3.RealCall.execute", "*okhttp3.internal.connection.RealCall.execute", "*retrofit2.OkHttpCall.execute",
	"*org.apache.http.impl.client.*.execute", "*org.apache.http.impl.client.*.doExecute", "*org.apache.hc.client5.http.impl.classic.*", "*org.springframework.web.client.RestTemplate.*",
	"*org.elasticsearch.client.RestClient.performRequest", "*co.elastic.clients.transport.*.performRequest", "*RestHighLevelClient.bulk",
	"java.net.SocketInputStream.*", "java.net.Socket$SocketInputStream.read*", "sun.nio.ch.NioSocketImpl.*read*", "sun.nio.ch.NioSocketImpl.*connect*", "java.net.InetAddress.getAllByName*",
	"*.jdbc.*.executeQuery", "*.jdbc.*.executeUpdate", "*.jdbc.*.executeBatch", "com.mysql.*.executeQuery", "oracle.jdbc.*", "com.zaxxer.hikari.*.execute*",
	"redis.clients.jedis.*", "io.lettuce.core.FutureSyncInvocationHandler.*", "com.mongodb.client.internal.*", "com.datastax.*Session.execute", "org.apache.hadoop.hbase.client.HTable.*",
	"io.grpc.stub.ClientCalls.blocking*", "java.lang.Thread.sleep", "java.util.concurrent.CompletableFuture.get", "java.util.concurrent.CompletableFuture.join", "java.util.concurrent.FutureTask.get",
}

// Waiting and networking that is Flink's or a checkpoint's own business.
var blockingByDesign = pattern{
	"*.runtime.tasks.SubtaskCheckpointCoordinatorImpl.*", "org.apache.kafka.clients.consumer.*", "*.connector.base.source.reader.*", "org.apache.flink.runtime.io.network.*BufferPool*",
}

// A sink at work, and within it the making and sending of a request. Kafka's
// sink has a producer that batches by itself and is left out.
var (
	sinking = pattern{
		"*.runtime.operators.sink.SinkWriterOperator.*", "*.connector.base.sink.writer.AsyncSinkWriter.*", "org.apache.flink.streaming.api.operators.StreamSink.*",
		"*.connector.elasticsearch.sink.*", "*.connector.opensearch.sink.*", "*.connector.jdbc.*",
	}
	requesting = pattern{
		"*.submitRequestEntries", "jdk.internal.net.http.*", "java.net.HttpURLConnection.*", "sun.net.www.protocol.*", "*org.apache.http.*", "*org.apache.hc.*", "*okhttp3.*", "*org.elasticsearch.client.*",
		"*org.elasticsearch.action.bulk.BulkProcessor*", "*co.elastic.clients.*", "*org.opensearch.client.*", "*.executeBatch", "*.executeUpdate", "*software.amazon.awssdk.*Client.*", "*.tasks.mailbox.MailboxExecutorImpl.yield",
	}
	sinkingToKafka = pattern{"*.connector.kafka.sink.*", "org.apache.kafka.*"}
)
