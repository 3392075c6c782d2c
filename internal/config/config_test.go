package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// check loads a file with this text and returns its faults, one line each.
func checkFile(t testing.TB, text string) (Config, []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	cfg, err := Load(file, Overrides{})
	if err == nil {
		return cfg, nil
	}
	return cfg, strings.Split(strings.ReplaceAll(err.Error(), file, "F"), "\n")
}

// TestEveryKeyOfEveryStructIsRead sets every key of the types, including those of
// foreign structs, to a value of each kind. No value may cause a panic.
func TestEveryKeyOfEveryStructIsRead(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	kinds := []string{"null", "x", "5", "[]", "[x]", "[{x: y}]", "{}", "{x: y}", "{X: {values: [a]}}", "[[x]]"}
	var paths [][]string
	var walk func(typ reflect.Type, path []string)
	walk = func(typ reflect.Type, path []string) {
		for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
			typ = typ.Elem()
		}
		if len(path) > 8 {
			return
		}
		of := keysOf(typ)
		for key, inner := range of.known {
			next := append(append([]string{}, path...), key)
			paths = append(paths, next)
			walk(inner, next)
		}
		if of.rest != nil {
			walk(of.rest, append(append([]string{}, path...), "anything"))
		}
	}
	walk(reflect.TypeFor[Config](), nil)
	require.Greater(t, len(paths), 150, "the walk finds the keys of foreign structs")
	var seen []string
	for _, path := range paths {
		seen = append(seen, strings.Join(path, "."))
		for _, value := range kinds {
			text := value
			for _, key := range slices.Backward(path) {
				text = fmt.Sprintf("{%s: %s}", key, text)
			}
			checkFile(t, text)
		}
	}
	require.Contains(t, seen, "flink.http.http_headers")
	require.Contains(t, seen, "flink.http.basic_auth.password_file")
}

func TestDocumentedHeadersAreAccepted(t *testing.T) {
	cfg, faults := checkFile(t, "flink: {url: 'http://jm:8081', http: {http_headers: {X-Scope: {values: [a]}}}}\n")
	require.Empty(t, faults)
	require.Equal(t, []string{"a"}, cfg.Flink.All()[0].HTTP.HTTPHeaders.Headers["X-Scope"].Values)
}

// TestARuleOnTheProbeNeedsOne, in the configuration of a cluster: rules alone are for any.
func TestARuleOnTheProbeNeedsOne(t *testing.T) {
	const rules = "alerts: {rules: [{name: slow, signal: probe-latency, threshold: 5s}]}\n"
	_, faults := checkFile(t, "flink: {url: 'http://jm:8081'}\n"+rules)
	require.Len(t, faults, 1)
	require.Contains(t, faults[0], "F:2: alerts.rules[0].signal: the rule can never fire: p95 latency of the probe needs")
	file := filepath.Join(t.TempDir(), "rules.yml")
	require.NoError(t, os.WriteFile(file, []byte(rules), 0o600))
	_, err := Load(file, Overrides{NoFlink: true})
	require.NoError(t, err)
}

// TestAllFaultsAtOnce has a fault of each sort. No fault hides another.
func TestAllFaultsAtOnce(t *testing.T) {
	_, faults := checkFile(t, `flink:
  url: jm:8081
  colour: blue
collector:
  poll_interval: 1s
  taskmanager_details: many
profiling:
  per_day: -1
  modes: [ITIMER, NONE]
kafka:
  brokers: 5
`)
	require.Len(t, faults, 7)
	for i, want := range []string{
		"F:2: flink.url", "F:3: flink.colour: unknown key", "F:5: collector.poll_interval",
		"F:6: collector.taskmanager_details",
		"F:8: profiling.per_day", "F:9: profiling.modes", "F:11: kafka.brokers",
	} {
		require.Contains(t, faults[i], want)
	}
}

func TestPathsAreRelativeToTheirFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte(`
flink: {url: 'http://jm:8081', http: {basic_auth: {username: u, password_file: secrets/flink}}}
history: {path: data/h.db}
grafana: {url: 'http://g:3000', token_file: /etc/token}
advisor:
  provider: file
  file: {prompt: p.md, answer: a.json}
  source: [{dir: ../src}, {git: clone, ref: v1}, {jar: /lib/job-sources.jar}]
kafka: {brokers: ['k:9092']}
probe: {job: orders, topic: orders, template: '{"seed":"{{.Seed}}"}'}
sinks: [{name: archive, files: {directory: out}}]
scaletest: {allow: {topics: [orders], directories: [out, /mnt/out]}}
`), 0o600))
	cfg, err := Load(file, Overrides{})
	require.NoError(t, err)
	require.Equal(t, filepath.Join(dir, "data/h.db"), cfg.History.Path)
	require.ElementsMatch(t, []string{
		filepath.Join(dir, "secrets/flink"), "/etc/token", filepath.Join(dir, "p.md"), filepath.Join(dir, "a.json"),
		filepath.Join(filepath.Dir(dir), "src"), filepath.Join(dir, "clone"), "/lib/job-sources.jar",
		filepath.Join(dir, "out"),
	}, cfg.Files())
	require.Equal(t, []string{filepath.Join(dir, "out"), "/mnt/out"}, cfg.ScaleTest.Allow.Directories)
	require.ElementsMatch(t, []string{filepath.Join(dir, "secrets/flink"), "/etc/token"}, cfg.Contents())
	var both sync.WaitGroup // the race detector sees a list that writes
	for range 2 {
		both.Go(func() { cfg.Files() })
	}
	both.Wait()

	cfg, err = Load(file, Overrides{HistoryPath: "here.db"})
	require.NoError(t, err)
	require.Equal(t, "here.db", cfg.History.Path, "a flag is relative to the working directory")
}

const canary = "s3cr3t-c4nary"

// TestFaultsDoNotRepeatSecrets puts a secret into thirty wrong places.
func TestFaultsDoNotRepeatSecrets(t *testing.T) {
	shapes := []string{
		"flink: {url: 'http://u:C@jm:8081'}", "flink: {url: 'C'}", "flink: {url: 'http://jm:8081/?token=C'}",
		"flink: {url: 'http://u:C@jm:bad'}",
		"flink: {url: 'http://jm:1', http: C}", "flink: {url: 'http://jm:1', http: {basic_auth: C}}",
		"flink: {url: 'http://jm:1', http: {basic_auth: {password: [C]}}}",
		"flink: {url: 'http://jm:1', http: {authorization: C}}",
		"flink: {url: 'http://jm:1', http: {authorization: {credentials: {x: C}}}}",
		"flink: {url: 'http://jm:1', http: {proxy_url: '::C'}}",
		"flink: {url: 'http://jm:1', http: {proxy_url: 'http://u:C@[x'}}",
		"flink: {url: 'http://jm:1', http: {bearer_token: C, basic_auth: {username: C}}}",
		"flink: C", "flink: [C]", "kafka: C", "kafka: {brokers: C}", "kafka: {brokers: ['u:C@b:9092']}",
		"kafka: {brokers: ['C']}",
		"kafka: {sasl: C}", "kafka: {sasl: {mechanism: PLAIN, password: C}}", "kafka: {tls: C}",
		"elasticsearch: {urls: ['http://u:C@es:9200']}",
		"elasticsearch: {urls: C}", "elasticsearch: {http: C}", "grafana: {url: 'http://u:C@g'}",
		"grafana: {url: 'http://g', token: C}",
		"grafana: {token_file: [C]}", "advisor: {provider: openai, openai: {base_url: 'http://h/?key=C', model: m}}",
		"advisor: {provider: openai, openai: {base_url: 'http://h', model: m, api_key: C}}", "advisor: {openai: C}",
		"alerts: {webhook: C}", "alerts: {webhook: {token: C}}", "web: {client: C}",
		"web: {external_url: 'http://u:C@x'}",
		"profiling: {pyroscope: {url: 'http://u:C@p'}}", "profiling: {pyroscope: C}", "history: {path: [C]}",
		"history: {retention: C}",
		"probe: {template: ['C']}", "sinks: C", "scaletest: {x: C}",
	}
	for _, shape := range shapes {
		_, faults := checkFile(t, strings.ReplaceAll(shape, "C", canary)+"\n")
		for _, fault := range faults {
			require.NotContains(t, fault, canary, shape)
		}
	}
	require.GreaterOrEqual(t, len(shapes), 30)
}

// FuzzCheckConfig: a file is accepted, or refused with a message without its secrets.
func FuzzCheckConfig(f *testing.F) {
	for _, seed := range []string{
		"flink: {url: 'http://jm:8081'}", "a: &a [*a]", "flink: &x {url: *x}", "x: {? [a]: b}",
		"<<: {flink: {url: y}}", "\xff\xfe",
		"flink: {http: {http_headers: {X: {values: [a]}}}}", "sinks: [null, {name: 1}]", "probe: {template: '{{'}",
		"? {}\n: {}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, faults := checkFile(t, text+"\nelasticsearch: {http: {basic_auth: {username: u, password: ["+canary+"]}}}\n")
		for _, fault := range faults {
			require.NotContains(t, fault, canary)
		}
	})
}

// TestAConfigurationWithoutFlinkHasNoClusters is for commands that use no Flink.
func TestAConfigurationWithoutFlinkHasNoClusters(t *testing.T) {
	file := filepath.Join(t.TempDir(), "sidecar.yml")
	for text, want := range map[string][]string{
		"alerts: {window: 1h}": nil,
		"flink: {url: 'http://jm:8081', cluster: prod, clusters: [{url: 'http://us:8081'}]}": {"prod", "us:8081"},
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		cfg, err := Load(file, Overrides{NoFlink: true})
		require.NoError(t, err)
		require.Equal(t, want, cfg.Clusters())
	}
}
