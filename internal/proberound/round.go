// Package proberound runs a round of the probe through a sidecar, and shows how far it is.
package proberound

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// progressEvery is how often the status is read while a round is under way.
const progressEvery = time.Second

// Run runs a round through the API of a sidecar and returns its episode. It shows on out how far
// the round is: in one line of a terminal, elsewhere with a line every few seconds.
func Run(ctx context.Context, client *api.Client, request api.RoundRequest, out io.Writer) (episode.Episode, error) {
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		watchRound(watching, client.Status, newStatusLine(out))
	}()
	ep, err := client.Round(ctx, request)
	stop()
	<-watched
	return ep, err
}

// watchRound shows the progress of a round until ctx ends. A status that cannot be read
// is skipped: the round has its own error.
func watchRound(
	ctx context.Context, status func(context.Context) (api.Status, error), line *statusLine,
) {
	defer line.clear()
	began, silent := time.Now(), false
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		now, err := status(ctx)
		if err != nil || now.Probe == nil {
			continue
		}
		switch found := now.Probe.NothingArrived; {
		case found != nil && !silent:
			silent = true
			sayNothingArrived(line, found)
		case found == nil && silent:
			silent = false
			line.say("sidecar: a sink shows records now")
		}
		line.show(roundText(now.Probe, time.Since(began)))
	}
}

// roundText is the progress in one line.
func roundText(p *api.Probe, took time.Duration) string {
	took = took.Round(time.Second)
	if p.Round == nil {
		return fmt.Sprintf("sidecar: preparing the round (%s)", took)
	}
	seen := make([]string, len(p.Round.Seen))
	for i, at := range p.Round.Seen {
		seen[i] = fmt.Sprintf("%s %d", at.Sink, at.Records)
	}
	text := fmt.Sprintf("sidecar: %d of %d records sent; seen: %s (%s", p.Round.Sent, p.Round.Records,
		strings.Join(seen, ", "), took)
	if p.Round.Sent < p.Round.Records {
		return text + ")"
	}
	return text + fmt.Sprintf("; a record counts as lost after %s)", time.Duration(p.CutoffSeconds)*time.Second)
}

// sayNothingArrived prints the finding, a line for each cause.
func sayNothingArrived(line *statusLine, found *api.NothingArrived) {
	question, _, _ := strings.Cut(found.Text, "? (")
	line.say(fmt.Sprintf("sidecar: %s? (%d sent since %s)", question, found.Records,
		found.Since.UTC().Format(time.RFC3339)))
	for _, c := range found.Causes {
		line.say("  likely: " + c.Text)
		for _, fact := range c.Evidence {
			line.say("    evidence: " + fact)
		}
	}
	line.say("  A job with a backlog, or a sink that waits for a checkpoint, shows the records later.")
}
