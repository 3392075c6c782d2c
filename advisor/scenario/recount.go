package scenario

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Numbers is the result of a recount of the sentences of one piece of advice.
type Numbers struct {
	// Recounted is how many numbers were counted again, Wrong the sentences in which one
	// was found to be another.
	Recounted int      `json:"recounted"`
	Wrong     []string `json:"wrong,omitempty"`
}

// The forms of sentences whose numbers can be counted again.
var (
	frameOf = regexp.MustCompile(`(\[[^\]]+\]|\S+) is in (\d+) of (\d+) samples of task threads at work`)
	selfOf  = regexp.MustCompile(`self (\d+), total (\d+) of (\d+) samples`)
	partOf  = regexp.MustCompile(`(\d+) of (\d+)[^()%;,.]* \((\d+(?:\.\d+)?) %\)`)
	partIn  = regexp.MustCompile(`(\d+(?:\.\d+)?) %[^()%;.]* \((\d+) of (\d+)\)`)
	busyOf  = regexp.MustCompile(`vertex (.+?) is busy (\d+(?:\.\d+)?) % of the time`)
)

// recount counts every number again that has a known form.
func recount(b evidence.Bundle, adv episode.Advice) (n Numbers) {
	counts := newCounter(b)
	for _, text := range sentences(adv) {
		n.frames(counts, text)
		n.parts(text)
		n.busy(b, text)
	}
	for _, e := range adv.Evidence {
		n.evidence(counts, e)
	}
	return n
}

// sentences are the texts that speak of this job.
func sentences(adv episode.Advice) []string {
	texts := slices.Concat(adv.Observations, adv.Warnings)
	for _, f := range adv.Findings {
		texts = append(texts, f.Title, f.Why)
	}
	for _, e := range adv.Evidence {
		texts = append(texts, e.Text)
	}
	return texts
}

// check notes one recounted number.
func (n *Numbers) check(right bool, format string, args ...any) {
	n.Recounted++
	if !right {
		n.Wrong = append(n.Wrong, fmt.Sprintf(format, args...))
	}
}

func (n *Numbers) frames(c *counter, text string) {
	for _, m := range frameOf.FindAllStringSubmatch(text, -1) {
		counts := c.of("", m[1])
		right := slices.ContainsFunc(counts, func(c frameCount) bool {
			return c.total == integer(m[2]) && c.work == integer(m[3])
		})
		n.check(right, "%s: counted %v", m[0], counts)
	}
}

// parts compares K of N with its percentage.
func (n *Numbers) parts(text string) {
	for _, m := range partOf.FindAllStringSubmatch(text, -1) {
		n.check(isRatio(m[1], m[2], m[3]), "%s: it is %.1f %%", m[0], 100*number(m[1])/number(m[2]))
	}
	for _, m := range partIn.FindAllStringSubmatch(text, -1) {
		n.check(isRatio(m[2], m[3], m[1]), "%s: it is %.1f %%", m[0], 100*number(m[2])/number(m[3]))
	}
}

func (n *Numbers) busy(b evidence.Bundle, text string) {
	for _, m := range busyOf.FindAllStringSubmatch(text, -1) {
		for _, v := range b.Vertices {
			if v.Name == m[1] && v.Busy != nil {
				n.check(near(100**v.Busy, number(m[2])), "%s: it is %.1f %%", m[0], 100**v.Busy)
			}
		}
	}
}

// evidence compares the counts of a frame with the profiles of its mode.
func (n *Numbers) evidence(c *counter, e episode.Evidence) {
	if e.Samples == nil || e.Of == nil {
		return
	}
	counts := c.of(e.Mode, e.Subject)
	right := slices.ContainsFunc(counts, func(c frameCount) bool {
		return c.total == *e.Samples && c.work == *e.Of && (e.Self == nil || c.self == *e.Self)
	})
	n.check(right, "%s: %s has %d of %d, counted %v", e.ID, e.Subject, *e.Samples, *e.Of, counts)
	if m := selfOf.FindStringSubmatch(e.Text); m != nil {
		right := slices.ContainsFunc(counts, func(c frameCount) bool {
			return c.self == integer(m[1]) && c.total == integer(m[2]) && c.work == integer(m[3])
		})
		n.check(right, "%s: %s, counted %v", e.ID, m[0], counts)
	}
}

func isRatio(part, whole, percent string) bool {
	return number(whole) > 0 && near(100*number(part)/number(whole), number(percent))
}

// near allows for a number that was rounded to one decimal.
func near(a, b float64) bool { return math.Abs(a-b) <= 0.0501 }

func integer(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64) // the pattern has digits only
	return n
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64) // the pattern has a number
	return n
}
