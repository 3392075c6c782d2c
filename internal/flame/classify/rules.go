package classify

// rules assign categories to frames. The first rule that matches decides. Rules for
// libraries that jobs often shade match a part of the name.
var rules = []struct {
	category Category
	frames   pattern
}{
	{Unknown, names("[unknown*", "[not_walkable*", "[no_Java_frame*", "[no_class_load*", "[deoptimization*",
		"[skipped*", "[break_*", "[safepoint*", "[not shown]", "unknown")},
	{GC, names(
		"[GC_active]", "G1*", "GangWorker::*", "WorkerThread::run*", "GCTaskThread::*", "VM_GenCollect*",
		"VM_G1*", "VM_CollectFor*", "VM_Parallel*", "PSScavenge*", "PSParallelCompact*", "PSPromotion*",
		"GenCollectedHeap::*", "SerialHeap::*", "DefNewGeneration::*", "TenuredGeneration::*", "GenMarkSweep::*",
		"SerialFullGC::*", "ZDriver*", "ZWorker*", "ZGeneration*", "XDriver*", "Shenandoah*",
		"ParallelScavengeHeap::*",
	)},
	{JIT, names("CompileBroker::*", "C2Compiler::*", "Compiler::compile_method*", "Compile::*",
		"Compilation::*", "JVMCICompiler::*", "CompilationPolicy::*", "PhaseIdealLoop::*", "PhaseChaitin::*",
		"PhaseCFG::*")},
	{Locks, names(
		"ObjectMonitor::*", "ObjectSynchronizer::*", "SharedRuntime::complete_monitor_*", "Runtime1::monitorenter*",
		"java.util.concurrent.locks.ReentrantLock*.lock*", "java.util.concurrent.locks.ReentrantReadWriteLock*",
		"java.util.concurrent.locks.StampedLock.*",
		"java.util.concurrent.locks.AbstractQueuedSynchronizer.acquire*", "java.util.concurrent.Semaphore.acquire*",
	)},
	{Idle, names(
		"jdk.internal.misc.Unsafe.park", "sun.misc.Unsafe.park", "Unsafe_Park", "Parker::park*",
		"java.util.concurrent.locks.LockSupport.park*",
		"java.lang.Object.wait*", "java.lang.Thread.sleep*", "java.lang.Thread.join*", "JVM_Sleep*", "JVM_MonitorWait*",
		"__futex_abstimed_wait*", "__pthread_cond_*wait*", "pthread_cond_*wait*", "futex_wait*",
		"__lll_lock_wait*", "__poll*", "*__GI___poll*", "epoll_*wait*", "__epoll_*wait*",
		"__GI_epoll_*wait*", "netty_epoll*Wait*", "__libc_accept*", "accept*", "__libc_read*",
		"__GI___libc_read*", "__libc_recv*", "__GI___libc_recv*", "__recv*", "recv", "clock_nanosleep*",
		"__clock_nanosleep*",
		"__GI___clock_nanosleep*", "nanosleep*", "sem_wait*", "__new_sem_wait*", "do_futex_wait*", "sigwait*",
		"*NioSocketImpl.read0", "*SocketDispatcher.read0", "*SocketInputStream.socketRead0", "*.epollWait*",
		"*Net.poll", "*EPoll.wait", "*Net.accept*", "*PlainSocketImpl.socketAccept",
		"java.lang.ref.Reference.waitForReferencePendingList", "java.lang.ProcessHandleImpl.waitForProcessExit*",
	)},

	{Logging, names("org.apache.logging.*", "org.apache.log4j.*", "ch.qos.logback.*", "org.slf4j.*",
		"java.util.logging.*", "java.io.PrintStream.print*", "mu.*KLogger*", "io.github.oshai.*",
		"org.apache.commons.logging.*")},
	{Regex, names("java.util.regex.*", "java.lang.String.replaceAll", "java.lang.String.replaceFirst",
		"java.lang.String.matches", "kotlin.text.Regex*", "scala.util.matching.*", "com.google.re2j.*")},
	{Dates, names("java.text.SimpleDateFormat.*", "java.text.DateFormat*", "java.time.*",
		"java.util.Calendar*", "java.util.GregorianCalendar*", "org.joda.time.*",
		"org.apache.commons.lang3.time.*", "sun.util.calendar.*")},
	{StringBuilding, names(
		"java.lang.String.format*", "java.lang.String.join", "java.lang.String.concat",
		"java.lang.StringBuilder.*", "java.lang.StringBuffer.*", "java.lang.AbstractStringBuilder.*",
		"java.lang.StringConcatHelper.*",
		"java.lang.invoke.StringConcatFactory*", "java.util.Formatter*", "java.text.MessageFormat.*",
		"java.text.DecimalFormat.*", "java.text.NumberFormat.*", "java.util.StringJoiner.*",
	)},
	{TLS, names("sun.security.ssl.*", "sun.security.rsa.*", "sun.security.ec.*", "javax.crypto.*",
		"javax.net.ssl.*", "com.sun.crypto.provider.*", "org.bouncycastle.*", "*.netty.handler.ssl.*",
		"*.netty.internal.tcnative.*", "org.conscrypt.*", "SSL_*", "EVP_*", "aesni_*")},
	{Compression, names(
		"java.util.zip.*", "net.jpountz.*", "org.xerial.snappy.*", "com.github.luben.zstd.*",
		"io.airlift.compress.*", "org.apache.kafka.common.compress.*", "org.apache.commons.compress.*",
		"LZ4_*", "ZSTD_*", "snappy::*", "deflate*", "inflate*", "*.runtime.io.compression.*", "rocksdb::*Compress*",
	)},

	{Kryo, names("*com.esotericsoftware.*", "*.typeutils.runtime.kryo*", "com.twitter.chill.*",
		"de.javakaffee.kryoserializers.*", "*org.objenesis.*")},
	{JavaSerialization, names("java.io.ObjectOutputStream*", "java.io.ObjectInputStream*",
		"java.io.ObjectStreamClass*", "org.apache.flink.util.InstantiationUtil.*serialize*")},
	{Avro, names("*org.apache.avro.*", "*.formats.avro.*")},
	{Protobuf, names("*com.google.protobuf.*", "*.formats.protobuf.*")},
	{JSON, names(
		"*com.fasterxml.jackson.*", "com.google.gson.*", "org.json.*", "net.minidev.json.*", "org.json4s.*",
		"play.api.libs.json.*", "com.jayway.jsonpath.*", "io.circe.*", "com.alibaba.fastjson*",
		"com.dslplatform.json.*", "kotlinx.serialization.json.*", "com.squareup.moshi.*", "jakarta.json.*",
		"*.formats.json.*",
	)},
	{POJO, names("*.typeutils.runtime.PojoSerializer*", "*.typeutils.runtime.FieldSerializer*",
		"*.typeutils.runtime.Pojo*")},

	{Checkpointing, names(
		"*.runtime.tasks.SubtaskCheckpointCoordinatorImpl*", "*.runtime.tasks.AsyncCheckpointRunnable*",
		"org.apache.flink.runtime.checkpoint.*", "*.state.SnapshotStrategyRunner*", "*.SnapshotStrategy*",
		"*.io.checkpointing.*Barrier*", "*.StateUploader*", "*RocksDBStateUploader*", "*.snapshot.RocksDB*",
		"org.apache.flink.runtime.state.*Snapshot*", "*FsCheckpointStream*", "*.operators.OperatorSnapshot*",
		"*.streaming.api.operators.*snapshotState*",
	)},
	{Serialization, names("org.apache.flink.api.common.typeutils.*",
		"org.apache.flink.api.java.typeutils.runtime.*", "org.apache.flink.table.runtime.typeutils.*",
		"org.apache.flink.api.scala.typeutils.*",
		"*.runtime.plugable.*", "org.apache.flink.core.memory.Data*", "*.streamrecord.StreamElementSerializer*",
		"*.network.api.serialization.*", "org.apache.flink.types.StringValue.*")},
	{StateBackend, names(
		"org.rocksdb.*", "rocksdb::*", "Java_org_rocksdb_*", "org.apache.flink.state.rocksdb.*",
		"org.apache.flink.contrib.streaming.state.*", "org.apache.flink.state.forst.*", "org.forstdb.*",
		"org.apache.flink.runtime.state.*", "org.apache.flink.state.changelog.*",
	)},
	{Kafka, names("*org.apache.kafka.*", "*.connector.kafka.*", "*.connectors.kafka.*")},
	{Elasticsearch, names("*org.elasticsearch.*", "*co.elastic.*", "*org.opensearch.*",
		"*.connector.elasticsearch.*", "*.connector.opensearch.*", "*.connectors.elasticsearch*")},
	{HTTP, names("jdk.internal.net.http.*", "java.net.http.*", "java.net.HttpURLConnection.*", "sun.net.www.*",
		"*org.apache.http.*", "*org.apache.hc.*", "*okhttp3.*")},
	{Network, names("*io.netty.*", "org.apache.flink.runtime.io.network.*",
		"org.apache.flink.runtime.io.PullingAsyncDataInput*")},
	{RPC, names("org.apache.pekko.*", "akka.*", "org.apache.flink.runtime.rpc.*")},
	{Flink, names("org.apache.flink.*")},

	{Java, names("java.*", "javax.*", "jdk.*", "sun.*", "com.sun.*", "jdk/*", "scala.*", "kotlin.*")},
	{Library, names(
		"org.apache.*", "com.google.*", "org.springframework.*", "org.postgresql.*", "com.mysql.*",
		"com.zaxxer.*", "oracle.*", "com.amazonaws.*", "software.amazon.*", "redis.clients.*", "io.lettuce.*",
		"com.mongodb.*", "com.datastax.*", "io.grpc.*", "reactor.*", "io.reactivex.*", "io.vertx.*",
		"org.eclipse.*", "org.codehaus.*", "com.github.*", "io.prometheus.*", "io.opentelemetry.*",
		"com.codahale.*", "io.micrometer.*",
	)},
}

// threads assign kinds to threads. The first entry that matches any frame of the stack
// decides.
var threads = []struct {
	thread Thread
	frames pattern
}{
	{Task, names(
		"org.apache.flink.runtime.taskmanager.Task.*",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.invoke",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.runMailboxLoop",
		"org.apache.flink.streaming.runtime.tasks.StreamTask.processInput",
		"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop",
		"org.apache.flink.streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run",
	)},
	{Collector, names("[GC_active]", "GangWorker::*", "GCTaskThread::*", "WorkerThread::run*", "G1*Thread::*",
		"G1YoungGCAllocation*", "ZDriver*", "ZWorker*", "Shenandoah*Thread::*", "ConcurrentGCThread::*",
		"VM_GenCollect*", "VM_G1*", "VM_CollectFor*", "VM_Parallel*")},
	{Compiler, names("CompileBroker::*", "C2Compiler::*", "Compiler::compile_method*")},
	{Checkpoint, names("*.runtime.tasks.AsyncCheckpointRunnable*", "*RocksDBStateUploader*",
		"*.StateUploader*", "org.apache.flink.runtime.checkpoint.*")},
	{Source, names("*.connector.base.source.reader.fetcher.*")},
	{State, names("rocksdb::ThreadPoolImpl*")},
	{Client, names("org.apache.kafka.clients.*", "org.apache.kafka.common.*", "jdk.internal.net.http.*",
		"*org.apache.http.impl.nio.*", "*org.apache.hc.core5.reactor.*", "*okhttp3.*", "*org.elasticsearch.*",
		"*co.elastic.*")},
	{NetworkIO, names("*io.netty.*", "*.RecordWriter$OutputFlusher*")},
	{RPCs, names("org.apache.pekko.*", "akka.*", "org.apache.flink.runtime.rpc.*",
		"org.apache.flink.runtime.jobmaster.*", "org.apache.flink.runtime.resourcemanager.*",
		"org.apache.flink.runtime.dispatcher.*")},
}
