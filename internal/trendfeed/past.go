package trendfeed

import (
	"log/slog"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

// pagesPerWindow is the number of pages that the history keeps of the longest window.
const pagesPerWindow = 240

// pageStore is the part of the history with the pages of metrics.
type pageStore interface {
	PutPage(cluster string, at time.Time, page []byte, keep time.Duration) error
	Pages(cluster string, since time.Time, each func(page []byte) error) error
}

// Past keeps what the page says of a cluster in the history, so that a restart does not blind
// the trends where no Prometheus refills them, or the Prometheus is down.
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
		err = p.Store.PutPage(p.Cluster, page.At, data, window)
	}
	if err != nil {
		p.Log.Warn("A restart will miss a sample of each trend", "cluster", p.Cluster, "err", err)
	}
}

// Replay reads the pages of earlier processes with the reader of the polls, which then knows
// their runs, processes and counters.
func (p *Past) Replay(now time.Time, reader *signal.Reader, observe func(signal.Observation)) {
	if p == nil {
		return
	}
	samples := 0
	err := p.Store.Pages(p.Cluster, now.Add(-p.Window()), func(data []byte) error {
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
