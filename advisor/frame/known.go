package frame

import "github.com/flink-sidecar/flink-sidecar/internal/flame"

// taskRoots are the first frames of a task. The profiler cuts off deep stacks, so the
// later entries recognise a task whose first frames are missing.
var taskRoots = Pattern{
	"org.apache.flink.runtime.taskmanager.Task.*",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.invoke",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.runMailboxLoop",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.processInput",
	"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop",
	LegacySource,
}

// A task without work, or with full outputs, reads its mailbox directly below this
// frame.
const (
	WaitingForWork = "org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable"
	MailboxTake    = "org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take"
)

// LegacySource is the first frame of a source of the old kind, which has a thread of its own.
const LegacySource = "org.apache.flink.streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run"

var sleeping = Pattern{"java.lang.Thread.sleep", "java.lang.Thread.sleep0", "java.util.concurrent.TimeUnit.sleep"}

// parked are the leaf frames of a thread that is off the CPU.
var parked = Pattern{
	flame.Monitor, "jdk.internal.misc.Unsafe.park", "sun.misc.Unsafe.park", "java.lang.Object.wait", "java.lang.Object.wait0",
	"java.lang.Thread.sleep", "java.lang.Thread.sleep0",
	"__futex_abstimed_wait*", "__pthread_cond_*wait*", "pthread_cond_*", "futex_wait*", "__lll_lock_wait*",
	"__poll", "*__GI___poll*", "epoll_wait", "__epoll_wait*",
	"__libc_read", "__GI___libc_read", "__libc_recv*", "__GI___libc_recv*", "__recv*", "recv",
	"clock_nanosleep*", "__clock_nanosleep*", "__GI___clock_nanosleep*", "nanosleep", "Parker::park*",
	"*NioSocketImpl.read0", "*SocketDispatcher.read0", "*SocketInputStream.socketRead0", "*.epollWait", "*Net.poll",
}

// collecting are native frames of garbage collectors.
var collecting = Pattern{
	"G1*", "GangWorker::*", "GCTaskThread::*", "VM_GenCollect*", "VM_G1*", "VM_CollectFor*", "VM_Parallel*",
	"PSScavenge*", "PSParallelCompact*", "PSPromotion*",
	"GenCollectedHeap::*", "SerialHeap::*", "DefNewGeneration::*", "TenuredGeneration::*", "GenMarkSweep::*",
	"SerialFullGC::*", "ZDriver*", "ZWorker*", "XDriver*", "Shenandoah*", "ParallelScavengeHeap::*",
}

// library matches packages that are not user code.
var library = Pattern{
	"java.*", "javax.*", "jdk.*", "sun.*", "com.sun.*", "org.apache.*", "com.fasterxml.*",
	"com.esotericsoftware.*", "com.twitter.chill.*", "scala.*", "kotlin.*",
	"org.rocksdb.*", "Java_*", "org.slf4j.*", "ch.qos.*", "com.google.*", "io.netty.*", "okhttp3.*",
	"org.elasticsearch.*", "co.elastic.*", "org.postgresql.*", "com.mysql.*",
}

// UsersOwn reports whether a dotted name is of the user's code.
func UsersOwn(dotted string) bool { return !Native(dotted) && !library.Matches(dotted) }
