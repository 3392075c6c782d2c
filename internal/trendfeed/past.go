package trendfeed

import (
	"log/slog"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// pagesPerWindow is the number of pages that the history keeps of the longest window.
	pagesPerWindow = 240
	// pagesPerDay is how many bytes of older pages of a cluster it keeps, about.
	pagesPerDay = 6 << 20
)

// pageStore is the part of the history with the pages of metrics.
type pageStore interface {
	PutPage(cluster string, at time.Time, page []byte, keep episode.Thinning) error
	Pages(cluster string, since time.Time, each func(at time.Time, page []byte) error) error
}

// Past keeps what the page says of a cluster in the history, so that a restart does not blind
// the trends where no Prometheus refills them, or the Prometheus is down, and so that rules can be
// tried on it.
type Past struct {
	Store   pageStore
	Cluster string
	Window  func() time.Duration // the longest of the rules, which a reload can change
	Log     *slog.Logger
	last    time.Time
}

// note stores a page if the last one that was stored is old enough.
func (p *Past) note(page recorded.Page) {
	if p == nil {
		return
	}
	window := p.Window()
	if page.At.Sub(p.last) < window/pagesPerWindow {
		return
	}
	p.last = page.At
	data, err := page.Encode()
	if err == nil {
		err = p.Store.PutPage(p.Cluster, page.At, data, thinning(window, len(data)))
	}
	if err != nil {
		p.Log.Warn("A restart will miss a sample of each trend", "cluster", p.Cluster, "err", err)
	}
}

// thinning keeps the days that are evidence of a season. Of large pages it keeps fewer, but as many as
// this evidence needs.
func thinning(window time.Duration, size int) episode.Thinning {
	keep := episode.Thinning{Whole: window, Past: window + alerts.Earlier, Step: alerts.EarlierStep}
	for _, step := range []time.Duration{5 * time.Minute, 2 * time.Minute, time.Minute} {
		if int64(24*time.Hour/step)*int64(size) <= pagesPerDay {
			keep.Step = step
		}
	}
	return keep
}

// Replay reads the pages of earlier processes with the reader of the polls, which then knows
// their runs, processes and counters. Of those before the window it reads as few as the evidence of
// earlier days needs, because each takes time at the start.
func (p *Past) Replay(now time.Time, reader *signal.Reader, observe func(signal.Observation)) {
	if p == nil {
		return
	}
	samples, begin, step := 0, now.Add(-p.Window()), int64(-1)
	err := p.Store.Pages(p.Cluster, begin.Add(-alerts.Earlier), func(at time.Time, data []byte) error {
		last := step
		if step = at.Unix() / int64(alerts.EarlierStep.Seconds()); at.Before(begin) && step == last {
			return nil
		}
		page, err := recorded.Decode(data)
		if err != nil {
			p.Log.Warn("A page of the past is left out", "cluster", p.Cluster, "err", err)
			return nil
		}
		for _, o := range reader.Read(page.At, page.Series) {
			observe(o)
			samples++
		}
		return nil
	})
	if err != nil {
		p.Log.Warn("Trends begin without a past", "cluster", p.Cluster, "err", err)
	}
	p.Log.Info("The history has a past of the trends", "cluster", p.Cluster, "samples", samples)
}
