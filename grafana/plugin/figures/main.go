// Command figures measures what README.md says of the plugin, and writes it there. The values are
// processor time, as in docs/benchmarks.md: what passes on the clock depends on the other programs.
//
//	make plugin-figures MACHINE="2 cores, 24 GB"                 all; builds from nothing, 15 minutes
//	make plugin-figures MACHINE="2 cores, 24 GB" STEPS=backend   some of build, tests, backend, browser
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
)

// What is between these lines of README.md is written here.
const (
	begins = "<!-- make plugin-figures writes this -->\n\n"
	ends   = "\n<!-- to here -->"
)

// file keeps all values.
const file = "figures/testdata/figures.json"

// order are the steps; the plugin is built first.
var order = []string{"build", "tests", "backend", "browser"}

var steps = map[string]func() ([]figure, error){
	"build": coldBuild, "tests": tests, "backend": backend, "browser": browser,
}

func main() {
	if len(os.Args) < 2 || os.Args[1] == "" {
		fmt.Fprintln(os.Stderr, `usage: make plugin-figures MACHINE="2 cores, 24 GB" [STEPS="build tests backend browser"]`)
		os.Exit(2)
	}
	asked := os.Args[2:]
	if len(asked) == 0 {
		asked = order
	}
	if err := run(os.Args[1], asked); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

func run(machine string, asked []string) error {
	var all []figure
	if text, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(text, &all); err != nil {
			return fmt.Errorf("%s: %w (remove it)", file, err)
		}
	}
	for _, name := range asked {
		step, found := steps[name]
		if !found {
			return fmt.Errorf("there is no step %s (there are: %s)", name, strings.Join(order, ", "))
		}
		busy := load()
		some, err := step()
		if err != nil {
			return err
		}
		for i := range some {
			some[i].Machine, some[i].Day, some[i].Load = machine, time.Now().UTC().Format(time.DateOnly), busy
		}
		all = merged(all, some)
	}
	return kept(all)
}

// kept writes the values, and the table into README.md.
func kept(all []figure) error {
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, append(text, '\n'), 0o644); err != nil {
		return err
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return err
	}
	before, rest, _ := strings.Cut(string(readme), begins)
	_, after, found := strings.Cut(rest, ends)
	if !found {
		return fmt.Errorf("README.md lacks %q and %q (put them where the table belongs)", begins, ends)
	}
	return os.WriteFile("README.md", []byte(before+begins+table(all)+ends+after), 0o644)
}

// load is the mean number of processes that wanted to run in the last minute; 0 if unknown.
func load() (mean float64) {
	text, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		_, _ = fmt.Sscan(string(text), &mean) // 0 where it is not the number
	}
	return mean
}
