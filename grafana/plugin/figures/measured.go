package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// timed runs a command with more variables. It returns the processor time of all that it started and
// the time that passed, in seconds; an error has its output.
func timed(more []string, name string, args ...string) (computed, passed float64, err error) {
	command := exec.Command(name, args...) //nolint:noctx // it ends by itself
	command.Env = append(os.Environ(), more...)
	begun := time.Now()
	if output, err := command.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("%s: %w\n%s", command, err, output)
	}
	used := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return used.Seconds(), time.Since(begun).Seconds(), nil
}

// coldBuild is make plugin without packages, earlier builds and caches, and the zip that it makes.
func coldBuild() ([]figure, error) {
	for _, folder := range []string{"node_modules", "dist", "build"} {
		if err := os.RemoveAll(folder); err != nil {
			return nil, err
		}
	}
	caches, err := os.MkdirTemp("", "figures")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(caches)
	cold := []string{"npm_config_cache=" + caches + "/npm", "GOCACHE=" + caches + "/go"}
	computed, passed, err := timed(cold, "make", "-C", "../..", "plugin")
	if err != nil {
		return nil, err
	}
	zips, err := filepath.Glob("build/*.zip")
	if err != nil || len(zips) != 1 {
		return nil, fmt.Errorf("build has %d zips (see what make plugin says)", len(zips))
	}
	info, err := os.Stat(zips[0])
	if err != nil {
		return nil, err
	}
	return []figure{
		// Eight minutes of two processors.
		{What: "`make plugin`, cold", Unit: "s", Goal: 960, Values: []float64{computed}, Clock: []float64{passed}},
		{What: "the zip", Unit: "MB", Goal: 60, Values: []float64{float64(info.Size()) / 1e6}},
	}, nil
}

func tests() ([]figure, error) {
	computed, passed, err := timed(nil, "make", "-C", "../..", "plugin-test")
	return []figure{{
		What: "`make plugin-test`", Unit: "s", Goal: 960, Values: []float64{computed}, Clock: []float64{passed},
	}}, err
}

// times are what a test of the plugin measures, in milliseconds.
type times struct{ Computed, Passed []float64 }

// asked runs a command that writes times by name into the file that FIGURES names.
func asked(name string, args ...string) (all map[string]times, err error) {
	folder, err := os.MkdirTemp("", "figures")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	values := filepath.Join(folder, "values.json")
	if _, _, err := timed([]string{"FIGURES=" + values}, name, args...); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(values)
	if err != nil {
		return nil, err
	}
	return all, json.Unmarshal(text, &all)
}

// named is a figure of some times, which must be there.
func named(all map[string]times, name, what string, goal float64) (figure, error) {
	measured := all[name]
	if len(measured.Computed) == 0 {
		return figure{}, fmt.Errorf("nothing was measured of %s (see who writes FIGURES)", name)
	}
	return figure{What: what, Unit: "ms", Goal: goal, Values: measured.Computed, Clock: measured.Passed}, nil
}

func backend() ([]figure, error) {
	all, err := asked("go", "test", "-count=1", "-run", "^TestMeasure$", "./pkg/plugin")
	if err != nil {
		return nil, err
	}
	findings, err := named(all, "findings", "a query of 10,000 findings, over gRPC and the API", 200)
	if err != nil {
		return nil, err
	}
	frame, err := named(all, "frame", "the frame of a flame graph of 50,000 nodes, as it is sent", 100)
	return []figure{findings, frame}, err
}

func browser() ([]figure, error) {
	all, err := asked("npm", "run", "--silent", "e2e", "--", "--grep", "50,000")
	if err != nil {
		return nil, err
	}
	drawn, err := named(all, "drawn", "50,000 nodes drawn by `@grafana/flamegraph` in Chromium", 1000)
	return []figure{drawn}, err
}
