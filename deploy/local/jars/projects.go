package jars

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Workshop has the directories and tools of the builds.
type Workshop struct {
	Source string // deploy/local of the checkout
	Maven  Maven
	Apt    Apt
	// FlinkVersion is one of FlinkVersions; empty = the first of them.
	FlinkVersion string
}

// FlinkVersions are the versions of Flink that the stack can run, the default first. The
// poms say which release each one is and which connectors it needs: other versions are in
// profiles.
func FlinkVersions() []string { return []string{"2.3", "1.20"} }

// pomAt identifies a directory as deploy/local of a checkout.
const pomAt = "job/pom.xml"

// FindSource searches deploy/local above each of the given directories in turn.
func FindSource(starts ...string) (string, error) {
	for _, start := range starts {
		for dir := start; ; dir = filepath.Dir(dir) {
			candidate := filepath.Join(dir, "deploy", "local")
			if _, err := os.Stat(filepath.Join(candidate, pomAt)); err == nil {
				return candidate, nil
			}
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	return "", fmt.Errorf("no deploy/local/%s above %s (run from the checkout, or name it with --source)", pomAt,
		starts[0])
}

// Flink is the class path of JobManager and TaskManagers, flat.
func (w Workshop) Flink() Project {
	return w.ofFlink(w.classPath("flink", "runtime/flink", w.profile()...))
}

// Kafka is the class path of the broker, flat.
func (w Workshop) Kafka() Project { return w.classPath("kafka", "runtime/kafka") }

// FlinkPlugins is a directory for FLINK_PLUGINS_DIR: metrics-prometheus/ with Flink's
// Prometheus reporter, bound to loopback.
func (w Workshop) FlinkPlugins() Project {
	library, reporter := w.at("runtime/flink-prometheus"), w.at("reporter")
	return w.ofFlink(Project{
		Name:    "flink-plugins",
		Sources: []string{library, reporter},
		Build: func(ctx context.Context, dir string) error {
			plugin := filepath.Join(dir, "metrics-prometheus")
			if err := w.copyDependencies(ctx, library, plugin, w.profile()...); err != nil {
				return err
			}
			build := filepath.Join(dir, "build")
			if err := w.pack(ctx, reporter, build, w.profile()...); err != nil {
				return err
			}
			const jar = "loopback-reporter.jar"
			if err := os.Rename(filepath.Join(build, jar), filepath.Join(plugin, jar)); err != nil {
				return err
			}
			return os.RemoveAll(build)
		},
	})
}

// Elasticsearch is lib/, the class path of the node, and modules/.
func (w Workshop) Elasticsearch() Project { return w.packaged("elasticsearch", "elasticsearch") }

// JobJar is the name of the sample job's jar in the folder of Job.
const JobJar = "sample-job.jar"

// Job is JobJar and the other results of its build.
func (w Workshop) Job() Project { return w.ofFlink(w.packaged("job", "job", w.profile()...)) }

// ScenarioJar is the name of the jar in the folder of Scenarios.
const ScenarioJar = "scenario-jobs.jar"

// Scenarios are the jobs of the recorded scenarios, for the first of FlinkVersions.
func (w Workshop) Scenarios() Project { return w.packaged("scenarios", "scenarios") }

// profile is the Maven profile of another version of Flink.
func (w Workshop) profile() []string {
	if w.FlinkVersion == "" || w.FlinkVersion == FlinkVersions()[0] {
		return nil
	}
	return []string{"-Pflink-" + w.FlinkVersion}
}

// ofFlink keeps the results of a project for different versions of Flink apart.
func (w Workshop) ofFlink(project Project) Project {
	project.Salt = strings.Join(w.profile(), "")
	return project
}

// classPath is a project that has only dependencies.
func (w Workshop) classPath(name, source string, args ...string) Project {
	path := w.at(source)
	return Project{
		Name:    name,
		Sources: []string{path},
		Build: func(ctx context.Context, dir string) error {
			return w.copyDependencies(ctx, path, dir, args...)
		},
	}
}

// packaged is a project whose build directory is the result.
func (w Workshop) packaged(name, source string, args ...string) Project {
	path := w.at(source)
	return Project{
		Name:    name,
		Sources: []string{path},
		Build: func(ctx context.Context, dir string) error {
			return w.pack(ctx, path, dir, args...)
		},
	}
}

func (w Workshop) copyDependencies(ctx context.Context, source, dir string, args ...string) error {
	return w.Maven.Run(ctx, pom(source), append(args, "dependency:copy-dependencies", "-DoutputDirectory="+dir)...)
}

func (w Workshop) pack(ctx context.Context, source, dir string, args ...string) error {
	return w.Maven.Run(ctx, pom(source), append(args, "package", "-DskipTests", "-Dlocal.build="+dir)...)
}

func (w Workshop) at(source string) string { return filepath.Join(w.Source, source) }

func pom(dir string) string { return filepath.Join(dir, "pom.xml") }
