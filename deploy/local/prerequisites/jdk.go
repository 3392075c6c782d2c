package prerequisites

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// oldestJDK runs Flink 2.x, Kafka 4.x and the sample job's class files.
const oldestJDK = 17

const jdkPackage = "openjdk-17-jdk-headless"

// JDK is an installed Java with a compiler.
type JDK struct {
	Home  string // what JAVA_HOME is set to for Maven
	Major int
}

// Java is the path of the virtual machine.
func (j JDK) Java() string { return filepath.Join(j.Home, "bin", "java") }

// findJDK takes the first JDK of oldestJDK or later among JAVA_HOME, PATH and the
// distribution's directory. The error names the best unsuitable one.
func (m Machine) findJDK(ctx context.Context) (JDK, error) {
	best := fmt.Errorf("JDK %d+ needed, found none", oldestJDK)
	newest := 0
	for _, home := range m.javaHomes() {
		major, err := version(ctx, filepath.Join(home, "bin", "java"))
		if err != nil || major < newest {
			continue
		}
		_, noCompiler := os.Stat(filepath.Join(home, "bin", "javac"))
		switch {
		case major >= oldestJDK && noCompiler == nil:
			return JDK{Home: home, Major: major}, nil
		case major >= oldestJDK:
			best = fmt.Errorf("JDK %d+ needed, found only a runtime without javac (%d)", oldestJDK, major)
		default:
			best = fmt.Errorf("JDK %d+ needed, found %d", oldestJDK, major)
		}
		newest = major
	}
	return JDK{}, best
}

// javaHomes are the directories that may hold a bin/java, in the order of preference.
func (m Machine) javaHomes() []string {
	homes := []string{m.Getenv("JAVA_HOME")}
	if java, err := m.find("java"); err == nil {
		if java, err = filepath.EvalSymlinks(java); err == nil {
			homes = append(homes, filepath.Dir(filepath.Dir(java)))
		}
	}
	if m.JVMs != "" {
		installed, _ := filepath.Glob(filepath.Join(m.JVMs, "*")) // the pattern is well-formed
		homes = append(homes, installed...)
	}
	return slices.DeleteFunc(homes, func(home string) bool { return home == "" })
}

// javaVersion matches the first line of `java -version`: openjdk version "17.0.15" 2025-04-15.
var javaVersion = regexp.MustCompile(`version "(\d+)(?:\.(\d+))?`)

// parseVersion returns the major version: 17 of "17.0.15", 8 of "1.8.0_392".
func parseVersion(output string) (int, error) {
	match := javaVersion.FindStringSubmatch(output)
	if match == nil {
		return 0, errors.New("not the output of java -version")
	}
	if match[1] == "1" {
		return strconv.Atoi(match[2])
	}
	return strconv.Atoi(match[1])
}

func version(ctx context.Context, java string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	output, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	if err != nil {
		return 0, err
	}
	return parseVersion(string(output))
}
