package demo

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	readEvery = time.Second
	// oneRead bounds a reading, so that a hanging sidecar is visible.
	oneRead = 5 * time.Second
	// lookEvery is the interval of reading episodes, which takes longer than a reading.
	lookEvery = 3 * time.Second
	// window is the span of the rates and latencies in the line.
	window = time.Minute
)

// Screen shows the state, and above it the text written to it.
type Screen interface {
	io.Writer
	// Show replaces the lines shown before. It decides how often it draws, and whether
	// the lines stand below or beside each other.
	Show(lines ...string)
}

// Watch shows the state and new events until ctx is done.
func (d *Demo) Watch(ctx context.Context, screen Screen) {
	tick := time.NewTicker(readEvery)
	defer tick.Stop()
	var recent []Reading
	news := newspaper{told: map[string]bool{}}
	for {
		one, cancel := context.WithTimeout(ctx, oneRead)
		reading, err := d.Read(one)
		cancel()
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			screen.Show("the sidecar does not answer: " + err.Error())
		} else {
			recent = append(within(recent, reading.At), reading)
			screen.Show(Lines(recent)...)
			d.report(ctx, &news, reading, screen)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// newspaper remembers which events were printed.
type newspaper struct {
	looked time.Time
	told   map[string]bool // by event.about
}

// report prints new events of the episodes. The next call makes up for one that fails:
// the story is in history.
func (d *Demo) report(ctx context.Context, news *newspaper, now Reading, out io.Writer) {
	if time.Since(news.looked) < lookEvery {
		return
	}
	news.looked = time.Now()
	one, cancel := context.WithTimeout(ctx, oneRead)
	turns, err := d.turns(one)
	cancel()
	if err != nil {
		return
	}
	for _, event := range turns.story() {
		if event.news && !news.told[event.about] {
			news.told[event.about] = true
			fmt.Fprintf(out, "%s %s\n", clock(d.ready, event.at), event.text)
		}
	}
	d.repairWhenDue(ctx, now, turns, out)
}

// within drops the readings that are older than the window.
func within(readings []Reading, now time.Time) []Reading {
	for len(readings) > 0 && now.Sub(readings[0].At) > window {
		readings = readings[1:]
	}
	return readings
}

// Lines are the state in three lines, from the readings of the last minute: the job, its
// rate and the outcomes of all synthetic records; their latency to each hop, as median
// and 99th percentile; and the trends.
func Lines(recent []Reading) []string {
	now := recent[len(recent)-1]
	latencies := make([]string, len(hops))
	for i, hop := range hops {
		latencies[i] = hop + " " + quantiles(recent[0], now, hop)
	}
	return []string{
		fmt.Sprintf("job %s, %s records/s; probe at %d sinks: %s", jobState(now), number(now.sourceRate()),
			len(sinkNames), outcomes(now)),
		"p50/p99 " + strings.Join(latencies, " "),
		trends(now),
	}
}

// quantiles are the median and the 99th percentile of a hop since an earlier reading.
func quantiles(earlier, now Reading, hop string) string {
	p50, known := now.latency(earlier, hop, 0.5)
	if !known {
		return "?"
	}
	p99, _ := now.latency(earlier, hop, 0.99)
	return duration(p50) + "/" + duration(p99)
}

func jobState(now Reading) string {
	for _, metric := range now.series("flink_job_state", labels{"job": jobName}) {
		for _, pair := range metric.GetLabel() {
			if pair.GetName() == "state" {
				return pair.GetValue()
			}
		}
	}
	return "unknown"
}

// outcomes counts the records of all sinks by outcome.
func outcomes(now Reading) string {
	count := func(outcome string) string {
		return number(now.sum("flink_sidecar_probe_records_total", labels{"outcome": outcome}))
	}
	pending := number(now.sum("flink_sidecar_probe_pending_records", nil))
	return fmt.Sprintf("on_time %s late %s lost %s pending %s", count("on_time"), count("late"), count("lost"),
		pending)
}

// number writes a value that may be unknown.
func number(value float64, known bool) string {
	if !known {
		return "?"
	}
	return fmt.Sprintf("%.0f", value)
}

// duration writes seconds with two or three digits.
func duration(seconds float64) string {
	switch {
	case seconds < 1:
		return fmt.Sprintf("%.0fms", seconds*1000)
	case seconds < 10:
		return fmt.Sprintf("%.1fs", seconds)
	default:
		return fmt.Sprintf("%.0fs", seconds)
	}
}
