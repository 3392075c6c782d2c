package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/twmb/franz-go/pkg/kfake"
)

// The test's own binary stands for java, mvn and prometheus: each main class is played
// by a server that does as much of the real one as the launcher looks at.

const pretending = "PRETEND_TO_BE"

// pretend is what main does when a script of the fake machine has called it.
func pretend(program string, args []string) {
	switch {
	case program == "mvn":
		fakeMaven(args[len(args)-1])
	case program == "prometheus":
		serveUntilTold(flag(args, "--web.listen-address="),
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	case slices.Contains(args, "kafka.tools.StorageTool"):
		data := setting(args[len(args)-1], `(?m)^log.dirs=(.*)$`)
		must(os.MkdirAll(data, 0o700))
		must(os.WriteFile(filepath.Join(data, "meta.properties"), nil, 0o600))
	case slices.Contains(args, "kafka.Kafka"):
		fakeKafka(args[len(args)-1])
	case slices.Contains(args, "org.flinksidecar.local.ElasticsearchNode"):
		port := setting(filepath.Join(args[len(args)-2], "config", "elasticsearch.yml"), `http.port: (\d+)`)
		serveUntilTold("127.0.0.1:"+port, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"status":"green"}`)
		}))
	case slices.Contains(args, "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"):
		serveUntilTold("127.0.0.1:"+flinkPort(args), &fakeJobManager{})
	default:
		register(args)
	}
}

func must(err error) {
	if err != nil {
		fmt.Println(err) // into the service's log
		os.Exit(1)
	}
}

// flag is the value of an argument with this prefix.
func flag(args []string, prefix string) string {
	for _, arg := range args {
		if value, ok := strings.CutPrefix(arg, prefix); ok {
			return value
		}
	}
	must(fmt.Errorf("no argument %s", prefix))
	return ""
}

// setting is what a pattern captures in a configuration file.
func setting(path, pattern string) string {
	text, err := os.ReadFile(path)
	must(err)
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		must(fmt.Errorf("%s: nothing like %s", path, pattern))
	}
	return string(found[1])
}

func flinkPort(args []string) string {
	conf := args[slices.Index(args, "--configDir")+1]
	return setting(filepath.Join(conf, "config.yaml"), `rest.port: (\d+)`)
}

// untilTold blocks until SIGTERM.
func untilTold() {
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM)
	<-told
}

func serveUntilTold(address string, handler http.Handler) {
	go func() { must(http.ListenAndServe(address, handler)) }()
	untilTold()
}

// fakeMaven makes the jar of a project in the directory that the last argument names.
func fakeMaven(last string) {
	_, dir, _ := strings.Cut(last, "=")
	must(os.MkdirAll(dir, 0o700))
	for _, name := range []string{"sample-job.jar", "loopback-reporter.jar"} {
		must(os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
}

func fakeKafka(properties string) {
	port, err := strconv.Atoi(setting(properties, `advertised.listeners=PLAINTEXT://127.0.0.1:(\d+)`))
	must(err)
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port))
	must(err)
	defer cluster.Close()
	untilTold()
}

// register is a TaskManager: it makes itself known to the JobManager.
func register(args []string) {
	taskManager := fmt.Sprintf(`{"id":%q,"path":"pekko.tcp://flink@127.0.0.1:%s/user/rpc/taskmanager_0"}`,
		flag(args, "taskmanager.resource-id="), flag(args, "taskmanager.rpc.port="))
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
		"http://127.0.0.1:"+flinkPort(args)+"/register", strings.NewReader(taskManager))
	must(err)
	response, err := http.DefaultClient.Do(request)
	must(err)
	must(response.Body.Close())
	untilTold()
}

// fakeJobManager has two slots for each TaskManager and runs every job at once.
type fakeJobManager struct {
	mu           sync.Mutex
	taskManagers map[string]json.RawMessage
	jobs         []string
}

func (f *fakeJobManager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch r.Method + " " + r.URL.Path {
	case "POST /register":
		var id struct {
			ID string `json:"id"`
		}
		text, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(text, &id)
		if f.taskManagers == nil {
			f.taskManagers = map[string]json.RawMessage{}
		}
		f.taskManagers[id.ID] = text
	case "GET /overview":
		_, _ = fmt.Fprintf(w, `{"slots-total":%d}`, 2*len(f.taskManagers))
	case "GET /taskmanagers":
		var all []json.RawMessage
		for _, one := range f.taskManagers {
			all = append(all, one)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"taskmanagers": all})
	case "GET /jobs/overview":
		_, _ = io.WriteString(w, `{"jobs":[`+strings.Join(f.jobs, ",")+`]}`)
	case "POST /jars/upload":
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"filename":"x.jar"}`)
	case "POST /jars/x.jar/run":
		f.jobs = []string{`{"jid":"j1","name":"orders enrichment","state":"RUNNING","tasks":{"running":1,"total":1}}`}
		_, _ = io.WriteString(w, `{"jobid":"j1"}`)
	default:
		http.NotFound(w, r)
	}
}
