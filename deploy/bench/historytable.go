package main

import (
	"fmt"
	"strings"
	"time"
)

// markdown is what docs/benchmarks.md shows.
func (f historyFigures) markdown() string {
	var out strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&out, format, args...) }
	say("Measured on %s, load %s: %d episodes, %d iterations,\n%d measurements, a file of %.2f GiB.\n\n", f.ListsDate,
		f.ListsLoad, f.Episodes, f.Iterations, measurements, float64(f.FileBytes)/(1<<30))
	if f.ListsDate+f.ListsLoad != f.Date+f.Load {
		say("Writes and starts were measured on %s, load %s,\nwith the file of an earlier version.\n\n", f.Date, f.Load)
	}
	say("| read, CPU time | median | p99 | goal of p99 |\n|---|---:|---:|---:|\n")
	for _, l := range f.Lists {
		say("| %s | %s | %s | 5 ms |\n", l.Name, millis(l.Median), millis(l.P99))
	}
	say("\n| write, on the disk | median | p99 |\n|---|---:|---:|\n")
	for _, w := range f.Writes {
		say("| %s | %s | %s |\n", w.Name, millis(w.Median), millis(w.P99))
	}
	say("\nA write takes %.2f times as long as with bbolt alone; the goal is 2. An episode takes %.1f KiB of\n"+
		"the file, an iteration %d bytes.\n", f.Writes[0].Median.Seconds()/f.Writes[1].Median.Seconds(),
		float64(f.EpisodeBytes)/1024, f.IterationBytes)
	say("\n| start of the process, with | median | longest of %d |\n|---|---:|---:|\n", f.Starts[0].Count)
	for _, s := range f.Starts {
		say("| %s | %s | %s |\n", s.Name, millis(s.Median), millis(s.P99))
	}
	return out.String()
}

func millis(d time.Duration) string {
	ms := d.Seconds() * 1000
	switch {
	case ms < 10:
		return fmt.Sprintf("%.2f ms", ms)
	case ms < 1000:
		return fmt.Sprintf("%.0f ms", ms)
	}
	return fmt.Sprintf("%.1f s", ms/1000)
}
