package main

import (
	"fmt"
	"strings"
	"time"
)

// clusterFigures are what sidecars with one and with many clusters need.
type clusterFigures struct {
	Date  string        `json:"date"`
	Load  string        `json:"load"`
	Sizes []sizeFigures `json:"sizes"`
}

// sizeFigures are those of one sidecar. Nothing of them was counted during the start.
type sizeFigures struct {
	Clusters int `json:"clusters"`
	// Start is from the start of the process to the first page with every cluster.
	Start time.Duration `json:"start_ns"`
	// ResidentQuiet is the most resident memory in bytes without episodes, Resident with them.
	// Share is that of a core without episodes.
	ResidentQuiet int64   `json:"resident_quiet_bytes"`
	Resident      int64   `json:"resident_bytes"`
	Share         float64 `json:"share_of_core"`
	// Anonymous is the most memory that is no page of a file, episodes included.
	Anonymous int64 `json:"anonymous_bytes"`
	// Series and PageBytes are those of /metrics.
	Series    int `json:"series"`
	PageBytes int `json:"page_bytes"`
	// QuietLines are the lines of the log within Quiet while every job was healthy, EpisodeLines
	// those of Episodes.
	Quiet        time.Duration `json:"quiet_ns"`
	QuietLines   int           `json:"quiet_lines"`
	Episodes     int           `json:"episodes"`
	EpisodeLines int           `json:"episode_lines"`
}

// quietADay and busyADay are lines of the log a day: with healthy jobs, and with an episode an
// hour besides.
func (s sizeFigures) quietADay() float64 {
	return float64(s.QuietLines) * (24 * time.Hour).Seconds() / s.Quiet.Seconds()
}

func (s sizeFigures) busyADay() float64 {
	return s.quietADay() + 24*float64(s.EpisodeLines)/float64(s.Episodes)
}

// goal is the most that something may be, by the number of clusters.
type goal struct {
	name, format string
	most         map[int]float64
	of           func(sizeFigures) float64
}

var goals = []goal{
	{
		"memory with episodes and profiles", "%.0f MiB",
		map[int]float64{1: 40, 32: 64},
		func(s sizeFigures) float64 { return float64(s.Resident) / (1 << 20) },
	},
	{
		"share of a core", "%.1f %%",
		map[int]float64{1: 0.5, 32: 1},
		func(s sizeFigures) float64 { return 100 * s.Share },
	},
	{"start", "%.0f s", map[int]float64{1: 1}, func(s sizeFigures) float64 { return s.Start.Seconds() }},
}

func (g goal) verdict(s sizeFigures) string {
	most, set := g.most[s.Clusters]
	if !set {
		return "none"
	}
	return fmt.Sprintf(g.format, most) + ", " + met(g.of(s) <= most)
}

// met is what a document says of a goal.
func met(reached bool) string {
	if reached {
		return "met"
	}
	return "**not met**"
}

// markdown is what docs/operations.md shows.
func (f clusterFigures) markdown() string {
	var out strings.Builder
	line := func(name string, of func(sizeFigures) string) {
		fmt.Fprintf(&out, "| %s |", name)
		for _, s := range f.Sizes {
			fmt.Fprintf(&out, " %s |", of(s))
		}
		out.WriteByte('\n')
	}
	line("clusters", func(s sizeFigures) string { return fmt.Sprint(s.Clusters) })
	out.WriteString("|---|" + strings.Repeat("---:|", len(f.Sizes)) + "\n")
	for _, row := range []struct {
		name, format string
		of           func(sizeFigures) any
	}{
		{"peak resident memory", "%.0f MiB", func(s sizeFigures) any { return float64(s.ResidentQuiet) / (1 << 20) }},
		{
			"peak resident memory with episodes and profiles", "%.0f MiB",
			func(s sizeFigures) any { return float64(s.Resident) / (1 << 20) },
		},
		{
			"of this, anonymous memory (not file-backed)", "%.0f MiB",
			func(s sizeFigures) any { return float64(s.Anonymous) / (1 << 20) },
		},
		{"share of a core", "%.2f %%", func(s sizeFigures) any { return 100 * s.Share }},
		{"start until `/metrics` shows every cluster", "%.1f s", func(s sizeFigures) any { return s.Start.Seconds() }},
		{"series on `/metrics`", "%d", func(s sizeFigures) any { return s.Series }},
		{"size of `/metrics`", "%.0f kB", func(s sizeFigures) any { return float64(s.PageBytes) / 1000 }},
		{"lines of the log a day, healthy jobs", "%.0f", func(s sizeFigures) any { return s.quietADay() }},
		{"lines of the log a day, an episode an hour", "%.0f", func(s sizeFigures) any { return s.busyADay() }},
	} {
		line(row.name, func(s sizeFigures) string { return fmt.Sprintf(row.format, row.of(s)) })
	}
	for _, goal := range goals {
		line("goal: "+goal.name, goal.verdict)
	}
	last := f.Sizes[len(f.Sizes)-1]
	fmt.Fprintf(&out, "\nMeasured on %s, load %s. Lines were counted in %.0f minutes and %d episodes,\nand scaled to a day.\n",
		f.Date, f.Load, last.Quiet.Minutes(), last.Episodes)
	each := func(n int) int { return (1000*n + last.Clusters/2) / last.Clusters }
	fmt.Fprintf(&out, "A thousand such clusters have %d series and pages of %d MB, in %d sidecars.\n",
		each(last.Series), each(last.PageBytes)/1_000_000, (1000+last.Clusters-1)/last.Clusters)
	return out.String()
}
