package web

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// maxOutcome is how many characters an outcome may have: a line, not a paragraph.
const maxOutcome = 200

// outcome is the result of an episode in one line, or its progress: the first finding and
// its gain, why the episode failed, or what it measured.
func outcome(e episode.Episode) string {
	text := strings.Map(func(r rune) rune {
		if r <= ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, outcomeOf(e))
	return clip(strings.Join(strings.Fields(text), " "), maxOutcome)
}

func outcomeOf(e episode.Episode) string {
	switch {
	case e.Error != "":
		return e.Error
	case e.Advice != nil && len(e.Advice.Findings) > 0:
		return firstOf(e.Advice.Findings)
	case !api.Concluded(e):
		return progress(e)
	case e.Advice != nil && len(e.Notes) > 0:
		return e.Notes[0]
	case e.Advice != nil:
		return "no significant finding"
	case e.Measurement != nil && measured(*e.Measurement) != "":
		return measured(*e.Measurement)
	case len(e.Notes) > 0:
		return e.Notes[0]
	case e.Alert.Summary != "":
		return e.Alert.Summary
	}
	return string(e.State)
}

// firstOf is the first of the ranked findings, and the number of the others.
func firstOf(findings []episode.Finding) string {
	text := findings[0].Title
	if percent := gain(findings[0].Impact); percent != "" {
		text += " (gain " + percent + ")"
	}
	if more := len(findings) - 1; more > 0 {
		text += ", and " + plural(more, "more finding")
	}
	return text
}

// progress is the progress of an episode without results.
func progress(e episode.Episode) string {
	switch e.State {
	case episode.Opened:
		return "queued"
	case episode.Profiling:
		if e.Target != nil && e.Target.Process != "" {
			return "profiling " + e.Target.Process
		}
	case episode.Advising:
		return "advising"
	}
	return string(e.State)
}

// measured is the result of a probe round.
func measured(m episode.Measurement) string {
	var parts []string
	if m.Throughput != nil {
		parts = append(parts, number(*m.Throughput)+" records/s")
	}
	for _, hop := range m.Hops {
		if hop.Name == episode.HopVisible && hop.Count > 0 {
			parts = append(parts, "visible p50 "+seconds(hop.P50))
		}
	}
	return strings.Join(parts, ", ")
}

// gain writes an interval of percent, such as "8–21 %" or "up to 4 %", and a large one as a
// factor; it is empty for a gain that cannot be measured.
func gain(impact *episode.Impact) string {
	if impact == nil {
		return ""
	}
	if impact.HighPercent >= episode.ManyTimes {
		return impact.String()
	}
	low, high := digits(impact.LowPercent), digits(impact.HighPercent)
	switch low {
	case "0":
		return "up to " + high + " %"
	case high:
		return high + " %"
	}
	return fmt.Sprintf("%s–%s %%", low, high)
}
