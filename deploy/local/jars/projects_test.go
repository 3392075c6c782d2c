package jars

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// fake writes an executable shell script and returns its path.
func fake(t *testing.T, path, script string) string {
	t.Helper()
	write(t, path, "#!/bin/sh\n"+script+"\n")
	require.NoError(t, os.Chmod(path, 0o700))
	return path
}

// workshop has a Maven that notes what it is asked for and does what script says.
func workshop(t *testing.T, script string) Workshop {
	t.Helper()
	dir := t.TempDir()
	for _, project := range []string{
		"runtime/flink", "runtime/flink-prometheus", "runtime/kafka", "reporter", "scenarios",
		"elasticsearch", "job",
	} {
		write(t, filepath.Join(dir, "deploy", "local", project, "pom.xml"), "<project>"+project+"</project>")
	}
	return Workshop{
		Source: filepath.Join(dir, "deploy", "local"),
		Maven: Maven{
			Program: fake(t, filepath.Join(dir, "mvn"), script), JavaHome: "/jdk",
			Log: filepath.Join(dir, "maven.log"),
		},
		Apt: Apt{Log: filepath.Join(dir, "apt.log")},
	}
}

// obedient puts one jar where the last argument (-Dname=DIR) says.
const obedient = `for last; do :; done; dir="${last#*=}"; mkdir -p "$dir"; ` +
	`for jar in some loopback-reporter sample-job scenario-jobs; do touch "$dir/$jar.jar"; done`

func TestProjects(t *testing.T) {
	w := workshop(t, obedient)
	cache := Cache{Dir: t.TempDir()}
	for _, tc := range []struct {
		name    string
		project Project
		holds   string
		ran     string
	}{
		{"flink", w.Flink(), "some.jar", "runtime/flink/pom.xml dependency:copy-dependencies -DoutputDirectory={}"},
		{"kafka", w.Kafka(), "some.jar", "runtime/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory={}"},
		{"elasticsearch", w.Elasticsearch(), "some.jar", "elasticsearch/pom.xml package -DskipTests -Dlocal.build={}"},
		{"job", w.Job(), JobJar, "job/pom.xml package -DskipTests -Dlocal.build={}"},
		{"scenarios", w.Scenarios(), ScenarioJar, "scenarios/pom.xml package -DskipTests -Dlocal.build={}"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.NoError(t, os.RemoveAll(w.Maven.Log))
			dir, err := cache.Resolve(t.Context(), tc.project)
			require.NoError(t, err)
			require.FileExists(t, filepath.Join(dir, tc.holds))
			log, err := os.ReadFile(w.Maven.Log)
			require.NoError(t, err)
			want := "$ mvn -B -q -Dstyle.color=never -f " + w.Source + "/" + tc.ran
			require.Equal(t, want[:len(want)-2]+dir+".tmp\n", string(log))
		})
	}
}

// Each version of Flink has a folder of its own, and so has what is compiled for it.
func TestProjectsOfAnotherFlink(t *testing.T) {
	w := workshop(t, obedient)
	cache := Cache{Dir: t.TempDir()}
	usual := map[string]string{}
	for _, project := range []Project{w.Flink(), w.FlinkPlugins(), w.Job(), w.Kafka()} {
		dir, _, err := cache.Find(project)
		require.NoError(t, err)
		usual[project.Name] = dir
	}
	w.FlinkVersion = FlinkVersions()[0]
	dir, _, err := cache.Find(w.Job())
	require.NoError(t, err)
	require.Equal(t, usual["job"], dir)

	w.FlinkVersion = "1.20"
	for _, project := range []Project{w.Flink(), w.FlinkPlugins(), w.Job()} {
		dir, err := cache.Resolve(t.Context(), project)
		require.NoError(t, err)
		require.NotEqual(t, usual[project.Name], dir)
	}
	log, err := os.ReadFile(w.Maven.Log)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	require.Len(t, lines, 4)
	for _, line := range lines {
		require.Contains(t, line, "pom.xml -Pflink-1.20 ")
	}
	dir, _, err = cache.Find(w.Kafka())
	require.NoError(t, err)
	require.Equal(t, usual["kafka"], dir)
}

func TestFlinkPlugins(t *testing.T) {
	w := workshop(t, obedient)
	dir, err := Cache{Dir: t.TempDir()}.Resolve(t.Context(), w.FlinkPlugins())
	require.NoError(t, err)
	files, err := filepath.Glob(dir + "/*/*")
	require.NoError(t, err)
	require.Equal(t, []string{
		dir + "/metrics-prometheus/loopback-reporter.jar",
		dir + "/metrics-prometheus/sample-job.jar",
		dir + "/metrics-prometheus/scenario-jobs.jar",
		dir + "/metrics-prometheus/some.jar",
	}, files)
}

func TestMavenTellsWhatIsWrong(t *testing.T) {
	w := workshop(t, `echo "[INFO] downloading"
echo "[ERROR] Failed to execute goal on project demo: Could not resolve dependencies:"
echo "[ERROR]"
echo "[ERROR] Connect to repo.example:443 failed" >&2
for i in 1 2 3 4; do echo "[ERROR] help $i"; done
exit 1`)
	_, err := Cache{Dir: t.TempDir()}.Resolve(t.Context(), w.Kafka())
	require.EqualError(t, err, "kafka: maven failed on "+w.Source+"/runtime/kafka/pom.xml: exit status 1\n"+
		"Failed to execute goal on project demo: Could not resolve dependencies:\n"+
		"Connect to repo.example:443 failed\nhelp 1\nhelp 2 (full output in "+w.Maven.Log+")")
	log, err := os.ReadFile(w.Maven.Log)
	require.NoError(t, err)
	require.Contains(t, string(log), "[INFO] downloading\n")
	require.Contains(t, string(log), "[ERROR] help 4\n")
}

func TestMavenRunsWithTheChosenJDK(t *testing.T) {
	w := workshop(t, `echo "[ERROR] $JAVA_HOME"; exit 1`)
	require.ErrorContains(t, w.Maven.Run(t.Context(), "pom.xml"), "exit status 1\n/jdk (full output")
}

func TestFindSource(t *testing.T) {
	w := workshop(t, "")
	checkout := filepath.Dir(filepath.Dir(w.Source))
	elsewhere := t.TempDir()
	for _, starts := range [][]string{{checkout}, {w.Source + "/job"}, {elsewhere, checkout + "/bin"}} {
		found, err := FindSource(starts...)
		require.NoError(t, err)
		require.Equal(t, w.Source, found)
	}
	_, err := FindSource(elsewhere)
	require.EqualError(t, err, "no deploy/local/job/pom.xml above "+elsewhere+" (run from the checkout, or name "+
		"it with --source)")
}

// packages puts a fake apt-get and dpkg-deb first on PATH.
func packages(t *testing.T, aptGet, dpkgDeb string) {
	t.Helper()
	bin := t.TempDir()
	fake(t, filepath.Join(bin, "apt-get"), aptGet)
	fake(t, filepath.Join(bin, "dpkg-deb"), dpkgDeb)
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
}

const (
	downloads = `for last; do :; done; touch "${last}_1.0_amd64.deb"`
	extracts  = `mkdir -p "$3/usr/bin"; name="${2##*/}"; echo "ELF /usr/share/prometheus/ui" >"$3/usr/bin/${name%%_*}"`
)

func TestPrometheus(t *testing.T) {
	w := workshop(t, "")
	packages(t, downloads, extracts)
	dir, err := Cache{Dir: t.TempDir()}.Resolve(t.Context(), w.Prometheus())
	require.NoError(t, err)
	for _, program := range []string{"/usr/bin/prometheus", "/usr/bin/prometheus-alertmanager"} {
		code, err := os.ReadFile(dir + program)
		require.NoError(t, err)
		require.Equal(t, "ELF usr//share/prometheus/ui\n", string(code),
			"same length, found from the working directory")
	}
}

// A fresh container has no package lists: they are fetched into a place of our own.
func TestPrometheusWithoutPackageLists(t *testing.T) {
	w := workshop(t, "")
	packages(t, `case "$*" in *lists*update) mkdir -p lists/done;; esac; test -d lists/done || exit 100; `+downloads,
		extracts)
	_, err := Cache{Dir: t.TempDir()}.Resolve(t.Context(), w.Prometheus())
	require.NoError(t, err)
}

func TestPrometheusThatCannotBeHad(t *testing.T) {
	for _, tc := range []struct{ name, aptGet, dpkgDeb, err string }{
		{
			"no such package", "exit 100", "",
			"prometheus: apt-get -o APT::Sandbox::User= download prometheus: exit status 100 (see ",
		},
		{"nothing downloaded", "", "", "prometheus: apt-get download prometheus left 0 packages"},
		{"another content", downloads, "", "prometheus: the package prometheus has no usr/bin/prometheus"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := workshop(t, "")
			packages(t, tc.aptGet, tc.dpkgDeb)
			_, err := Cache{Dir: t.TempDir()}.Resolve(t.Context(), w.Prometheus())
			require.ErrorContains(t, err, tc.err)
		})
	}
}
