package cause

import (
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Pattern matches frames by name. A * in an entry stands for any text, including none.
// Java names are written with dots.
type Pattern []string

func (p Pattern) matches(dotted string) bool {
	return slices.ContainsFunc(p, func(entry string) bool { return matchesEntry(entry, dotted) })
}

func matchesEntry(entry, name string) bool {
	first, rest, wild := strings.Cut(entry, "*")
	if !wild {
		return name == entry
	}
	name, ok := strings.CutPrefix(name, first)
	for ok {
		var piece string
		if piece, rest, wild = strings.Cut(rest, "*"); !wild {
			return strings.HasSuffix(name, piece)
		}
		_, name, ok = strings.Cut(name, piece)
	}
	return false
}

// runSpecific matches the parts of frame names that differ between runs: the class
// numbers of lambdas and of generated accessors.
var runSpecific = regexp.MustCompile(`(\$\$Lambda)[$./+0-9a-fx]*[./]|` +
	`(GeneratedMethodAccessor|GeneratedConstructorAccessor)\d+`)

// typeSuffixes are the suffixes with which async-profiler marks how a frame was
// compiled.
var typeSuffixes = []string{"_[j]", "_[i]", "_[k]", "_[0]", "_[1]"}

// Dotted returns a frame's name in the form of patterns: java/lang/Thread.run becomes
// java.lang.Thread.run, and a lambda loses its number. Native frames do not change.
func Dotted(frame string) string {
	for _, suffix := range typeSuffixes {
		if name, ok := strings.CutSuffix(frame, suffix); ok {
			frame = name
			break
		}
	}
	if native(frame) {
		return frame
	}
	frame = strings.ReplaceAll(frame, "/", ".")
	if !strings.Contains(frame, "$$Lambda") && !strings.Contains(frame, "Generated") {
		return frame
	}
	return runSpecific.ReplaceAllStringFunc(frame, func(part string) string {
		if strings.HasPrefix(part, "$$Lambda") {
			return "$$Lambda."
		}
		return strings.TrimRight(part, "0123456789")
	})
}

func native(frame string) bool {
	return strings.HasPrefix(frame, "/") || strings.Contains(frame, "::") || strings.ContainsAny(frame, "( [") ||
		!strings.Contains(frame, ".")
}

// taskRoots are the first frames of a task. The profiler cuts off deep stacks, so the
// later entries recognise a task whose first frames are missing.
var taskRoots = Pattern{
	"org.apache.flink.runtime.taskmanager.Task.*",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.invoke",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.runMailboxLoop",
	"org.apache.flink.streaming.runtime.tasks.StreamTask.processInput",
	"org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.runMailboxLoop",
	legacySource,
}

// A task without work, or with full outputs, reads its mailbox directly below this
// frame.
const (
	waitingForWork = "org.apache.flink.streaming.runtime.tasks.mailbox.MailboxProcessor.processMailsWhenDefaultActionUnavailable"
	mailboxTake    = "org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailboxImpl.take"
)

// legacySource is the first frame of a source of the old kind, which has a thread of its own.
const legacySource = "org.apache.flink.streaming.runtime.tasks.SourceStreamTask$LegacySourceFunctionThread.run"

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

func usersOwn(dotted string) bool { return !native(dotted) && !library.matches(dotted) }
