package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

const taskManagers = 2

// Memory of the JVMs. Flink's own scripts compute these from process.size in an extra JVM
// (BashJavaUtils); these are its results for 768 MB and 1 GB, rounded. They are needed
// twice: as limits of the JVM and as Flink's settings.
var (
	jobManagerJVM = []string{quick, "-Xms384m", "-Xmx384m", "-XX:MaxMetaspaceSize=192m"}
	jobManagerMem = []string{
		"jobmanager.memory.heap.size=384m",
		"jobmanager.memory.off-heap.size=64m",
		"jobmanager.memory.jvm-metaspace.size=192m",
		"jobmanager.memory.jvm-overhead.min=128m",
		"jobmanager.memory.jvm-overhead.max=128m",
	}
	taskManagerJVM = []string{"-Xms384m", "-Xmx384m", "-XX:MaxMetaspaceSize=256m"}
	taskManagerMem = []string{
		"taskmanager.cpu.cores=2.0",
		"taskmanager.memory.framework.heap.size=128m",
		"taskmanager.memory.task.heap.size=256m", // both heaps are -Xmx
		"taskmanager.memory.framework.off-heap.size=128m",
		"taskmanager.memory.task.off-heap.size=0",
		"taskmanager.memory.managed.size=64m",
		"taskmanager.memory.jvm-metaspace.size=256m",
		"taskmanager.memory.jvm-overhead.min=128m",
		"taskmanager.memory.jvm-overhead.max=128m",
		"external-resources=none",
	}
)

// Size is the size of the cluster. The zero value suits the sample job.
type Size struct {
	// Slots are those of each TaskManager; 0 = 2.
	Slots int
	// NetworkMiB is the memory of each TaskManager for buffers between tasks, which
	// grows with the square of a job's parallelism; 0 = 64.
	NetworkMiB int
	// Settings are further ones for all processes of Flink, KEY=VALUE.
	Settings []string
}

func (s Size) slots() int { return cmp.Or(s.Slots, 2) }

// network is the part of a TaskManager's memory that depends on the size: as limit of the
// JVM, which includes the framework's 128 MB, and as settings of Flink.
func (s Size) network() (limit string, settings []string) {
	mebibytes := cmp.Or(s.NetworkMiB, 64)
	each := fmt.Sprintf("%dm", mebibytes)
	settings = []string{"taskmanager.memory.network.min=" + each, "taskmanager.memory.network.max=" + each}
	return fmt.Sprintf("-XX:MaxDirectMemorySize=%dm", mebibytes+128), settings
}

// opens are the --add-opens of Flink on Java 17 and later; java.util on the JobManager
// too, otherwise no jar can be run.
var opens = []string{
	"java.lang", "java.net", "java.io", "java.nio", "sun.nio.ch", "java.lang.reflect", "java.text", "java.time",
	"java.util", "java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks",
}

var exports = []string{
	"java.base/sun.net.util", "java.rmi/sun.rmi.registry",
	"jdk.compiler/com.sun.tools.javac.api", "java.security.jgss/sun.security.krb5",
}

// jobManager is ready when its REST API answers.
func (s *Stack) jobManager() supervisor.Service {
	row := s.Row("jobmanager", s.ports.Flink)
	row.Prepare = s.prepareFlink
	row.Launch = func(ctx context.Context) (*process.Process, error) {
		if err := s.layoutFlink(); err != nil {
			return nil, err
		}
		s.forgetJob()
		return s.launchFlink(ctx, "jobmanager", s.ports.JobManagerMetrics, jobManagerJVM,
			"org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint", jobManagerMem)
	}
	row.Ready = func(ctx context.Context) error {
		_, err := s.flink().Overview(ctx)
		return err
	}
	return row
}

// taskManager is ready when this very process is registered. Its id alone is not enough:
// for a while the JobManager keeps a killed one under the same id. So each process gets
// its own RPC port, which is part of its address.
func (s *Stack) taskManager(number int) supervisor.Service {
	name := fmt.Sprintf("taskmanager-%d", number)
	id := fmt.Sprintf("tm-%d", number)
	metrics := s.ports.TaskManagerMetrics[number-1]
	rpc := 0
	row := s.Row(name, metrics)
	row.After = []string{"jobmanager"}
	row.Prepare = s.prepareFlink
	row.Launch = func(ctx context.Context) (*process.Process, error) {
		free, err := ports.Free(1)
		if err != nil {
			return nil, err
		}
		rpc = free[0]
		limit, network := s.options.Size.network()
		settings := slices.Concat([]string{
			"taskmanager.resource-id=" + id,
			"taskmanager.rpc.port=" + strconv.Itoa(rpc),
		}, taskManagerMem, network)
		return s.launchFlink(ctx, name, metrics, append([]string{limit}, taskManagerJVM...),
			"org.apache.flink.runtime.taskexecutor.TaskManagerRunner", settings)
	}
	row.Ready = func(ctx context.Context) error {
		registered, err := s.flink().TaskManagers(ctx)
		for _, taskManager := range registered {
			if taskManager.ID == id && strings.Contains(taskManager.Path, "@"+ports.Loopback(rpc)+"/") {
				return nil
			}
		}
		return errors.Join(err, errors.New("not registered at the JobManager"))
	}
	return row
}

func (s *Stack) prepareFlink(ctx context.Context) error {
	_, err := s.shelf.get(ctx, "flink")
	if err != nil {
		return err
	}
	_, err = s.shelf.get(ctx, "flink-plugins")
	return err
}

// launchFlink starts one of Flink's processes. Its console output and the log file that
// Flink's REST API serves are the same file.
func (s *Stack) launchFlink(
	ctx context.Context, name string, metrics int, jvm []string, class string, settings []string,
) (*process.Process, error) {
	lib, err := s.shelf.get(ctx, "flink")
	if err != nil {
		return nil, err
	}
	plugins, err := s.shelf.get(ctx, "flink-plugins")
	if err != nil {
		return nil, err
	}
	argv := append([]string{s.jdk.Java(), serial}, jvm...)
	for _, pkg := range opens {
		argv = append(argv, "--add-opens=java.base/"+pkg+"=ALL-UNNAMED")
	}
	for _, pkg := range exports {
		argv = append(argv, "--add-exports="+pkg+"=ALL-UNNAMED")
	}
	argv = append(argv,
		"-Dlog4j.configurationFile="+s.layout.In("flink", "conf", "log4j2.properties"),
		"-Dlog.file="+s.layout.Log(name),
		"-cp", lib+"/*", class, "--configDir", s.layout.In("flink", "conf"))
	settings = slices.Concat(settings, s.options.Size.Settings,
		[]string{"metrics.reporter.prom.port=" + strconv.Itoa(metrics)})
	for _, setting := range settings {
		argv = append(argv, "-D", setting)
	}
	spec := s.Spec(name, argv)
	spec.Env = append(os.Environ(), "FLINK_PLUGINS_DIR="+plugins, "FLINK_CONF_DIR="+s.layout.In("flink", "conf"))
	return process.Start(spec)
}

// layoutFlink writes Flink's configuration and creates the directories it expects, above
// all the one for profiles: a profile that cannot be written wedges the profiler of that
// process for good.
func (s *Stack) layoutFlink() error {
	for _, name := range []string{"tmp", "upload", "profiling", "checkpoints"} {
		if err := os.MkdirAll(s.layout.In("flink", name), 0o700); err != nil {
			return err
		}
	}
	return errors.Join(
		s.layout.Write("flink/conf/config.yaml", s.flinkConfig()),
		s.layout.Write("flink/conf/log4j2.properties", consoleLog),
	)
}

func (s *Stack) flinkConfig() string {
	checkpoints := url.URL{Scheme: "file", Path: s.layout.In("flink", "checkpoints")}
	return fmt.Sprintf(`jobmanager.rpc.address: 127.0.0.1
jobmanager.rpc.port: %d
jobmanager.bind-host: 127.0.0.1
blob.server.port: %d
taskmanager.host: 127.0.0.1
taskmanager.bind-host: 127.0.0.1
taskmanager.numberOfTaskSlots: %d
# Otherwise a small job sits on one TaskManager alone.
taskmanager.load-balance.mode: SLOTS
rest.address: 127.0.0.1
rest.bind-address: 127.0.0.1
rest.port: %d
rest.profiling.enabled: %t
rest.profiling.dir: %q
rest.flamegraph.enabled: %t
web.tmpdir: %q
web.upload.dir: %q
# The metric fetcher waits this long for a TaskManager that has died; the default is ten minutes.
web.timeout: %d
# A busy machine needs longer to start than the default of ten seconds.
pekko.startup-timeout: 90s
io.tmp.dirs: %q
execution.checkpointing.dir: %q
metrics.reporters: prom
metrics.reporter.prom.factory.class: org.apache.flink.metrics.prometheus.LoopbackPrometheusReporterFactory
metrics.reporter.prom.host: 127.0.0.1
`,
		s.ports.JobManagerRPC, s.ports.JobManagerBlobs, s.options.Size.slots(), s.ports.Flink,
		s.options.Profiling, s.layout.In("flink", "profiling"), s.options.Profiling,
		s.layout.In("flink", "tmp"), s.layout.In("flink", "upload"), time.Minute.Milliseconds(),
		s.layout.In("flink", "tmp"), checkpoints.String())
}
