package report

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

// Progress shows how far a scale test is: a bar on a terminal, a line for each
// iteration elsewhere.
type Progress struct {
	out      io.Writer
	terminal bool

	mu  sync.Mutex
	bar *progressbar.ProgressBar
	of  int // the iteration that the bar is about
}

// NewProgress shows on out, with a bar if it is a terminal.
func NewProgress(out io.Writer) *Progress {
	file, isFile := out.(*os.File)
	return &Progress{out: out, terminal: isFile && term.IsTerminal(int(file.Fd()))}
}

// Take shows a progress.
func (s *Progress) Take(p scaletest.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case p.Finished != nil:
		s.clear()
		fmt.Fprintln(s.out, "sidecar: "+finishedText(p))
	case p.Trial != nil:
		s.clear()
		fmt.Fprintf(s.out, "sidecar: trial at %.0f records/s: %s, %s\n", p.Trial.Rate, p.Trial.Verdict, p.Trial.Reason)
	case s.terminal:
		if s.bar == nil || s.of != p.Iteration {
			s.clear()
			s.bar, s.of = newBar(s.out, p.Intended), p.Iteration
		}
		s.bar.Describe(underWayText(p))
		_ = s.bar.Set(leastVisible(p)) // nothing can be done about a terminal that is gone
	}
}

func newBar(out io.Writer, records int) *progressbar.ProgressBar {
	return progressbar.NewOptions(records, progressbar.OptionSetWriter(out), progressbar.OptionSetWidth(20),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond))
}

func (s *Progress) clear() {
	if s.bar != nil {
		_ = s.bar.Clear()
		s.bar = nil
	}
}

// Close removes the bar.
func (s *Progress) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func leastVisible(p scaletest.Progress) int {
	least := p.Intended
	for _, at := range p.Visible {
		least = min(least, at.Records)
	}
	return least
}

// underWayText is what stands before the bar.
func underWayText(p scaletest.Progress) string {
	text := place(p.Iteration, p.Iterations)
	if p.Doing != "" {
		text = p.Doing
	}
	text += fmt.Sprintf(" sent %d, acknowledged %d", p.Sent, p.Acknowledged)
	for _, at := range p.Visible {
		text += fmt.Sprintf(", %s %d", at.Sink, at.Records)
	}
	if p.Latency != nil {
		text += ", latency " + report.Seconds(*p.Latency)
	}
	return text
}

// place says which iteration it is. An iteration that was too short is repeated, so there
// may be more than were wanted.
func place(iteration, wanted int) string {
	if iteration > wanted {
		return fmt.Sprintf("iteration %d, %d must count", iteration, wanted)
	}
	return fmt.Sprintf("iteration %d of %d", iteration, wanted)
}

// finishedText is an iteration in one line.
func finishedText(p scaletest.Progress) string {
	it := p.Finished
	text := place(it.Iteration, p.Iterations)
	if p.Doing != "" {
		text = fmt.Sprintf("iteration %d for %s", it.Iteration, p.Doing)
	}
	text += fmt.Sprintf(": %d of %d records sent", it.Sent, it.Intended)
	if it.Lost > 0 {
		text += fmt.Sprintf(", %d lost", it.Lost)
	}
	if it.Throughput != nil {
		text += fmt.Sprintf(", %.1f records/s, %s last", *it.Throughput, it.SlowestSink)
	}
	return strings.Join(append([]string{text}, it.Flags...), ", ")
}
