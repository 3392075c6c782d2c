package backtest

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

// sample is one recorded value of a series.
type sample struct {
	at     time.Time
	series signal.Series
}

// The bounds of what a file may hold.
const (
	maxLine    = 1 << 20
	maxSamples = 50_000_000
)

// Read reads samples with time stamps: OpenMetrics text, as `promtool tsdb dump-openmetrics`
// writes it, with times in seconds; times in milliseconds are understood as well. It keeps the
// metrics that signals need, in the order of their times. whole is false if the text does not
// end in "# EOF": it may be cut off.
func Read(r io.Reader) (samples Samples, whole bool, err error) {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || text[0] == '#' {
			whole = text == "# EOF" || whole && text == ""
			continue
		}
		whole = false
		s, needed, err := parseLine(text)
		switch {
		case err != nil:
			return nil, false, fmt.Errorf("line %d: %w", line, err)
		case !needed:
		case len(samples) == maxSamples:
			return nil, false, fmt.Errorf("line %d: more than %d samples (give fewer series or less time)", line, maxSamples)
		default:
			samples = append(samples, s)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, false, fmt.Errorf("reading the samples: %w", err)
	}
	slices.SortStableFunc(samples, func(a, b sample) int { return a.at.Compare(b.at) })
	return samples, whole, nil
}

// Samples are recorded values in the order of their times.
type Samples []sample

// samePage is how far the times of samples of one scrape may lie apart.
const samePage = time.Second

// Pages yields the samples of one scrape after the other. There is no error.
func (s Samples) Pages() iter.Seq2[recorded.Page, error] {
	return func(yield func(recorded.Page, error) bool) {
		for begin := 0; begin < len(s); {
			page := recorded.Page{At: s[begin].at}
			for ; begin < len(s) && s[begin].at.Sub(page.At) < samePage; begin++ {
				page.Series = append(page.Series, s[begin].series)
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// parseLine reads one sample: NAME{LABELS} VALUE TIME, with an exemplar that does not count.
func parseLine(text string) (s sample, needed bool, err error) {
	end := strings.IndexAny(text, "{ ")
	if end <= 0 {
		return s, false, fmt.Errorf("%s is not a sample (write NAME{LABELS} VALUE TIME)", quoted(text))
	}
	name, rest := text[:end], text[end:]
	labels := map[string]string{}
	if rest[0] == '{' {
		if rest, err = parseLabels(rest[1:], labels); err != nil {
			return s, false, err
		}
	}
	rest, _, _ = strings.Cut(rest, " # ")
	fields := strings.Fields(rest)
	if len(fields) != 2 {
		return s, false, fmt.Errorf("the sample of %s has no value or no time stamp (record it with both)", quoted(name))
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return s, false, fmt.Errorf("%s is not a value (write a number)", quoted(fields[0]))
	}
	at, err := parseTime(fields[1])
	s = sample{at, signal.Series{Name: name, Labels: labels, Value: value}}
	return s, signal.Needs(name) && !math.IsNaN(value), err
}

// parseTime reads Unix time in seconds, or in milliseconds where seconds would be after the
// year 5000.
func parseTime(text string) (time.Time, error) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || math.Abs(seconds) > 1e14 {
		return time.Time{}, fmt.Errorf("%s is not a time (write Unix time in seconds)", quoted(text))
	}
	if math.Abs(seconds) > 1e11 {
		seconds /= 1000
	}
	whole, part := math.Modf(seconds)
	return time.Unix(int64(whole), int64(math.Round(part*1e3))*1e6), nil
}

// parseLabels reads the labels after the opening brace, and returns what follows them.
func parseLabels(text string, into map[string]string) (rest string, err error) {
	for {
		text = strings.TrimLeft(text, " ,")
		if after, found := strings.CutPrefix(text, "}"); found {
			return after, nil
		}
		name, value, found := strings.Cut(text, "=\"")
		if !found {
			return "", fmt.Errorf("the labels before %s do not end (write {NAME=\"VALUE\"})", quoted(text))
		}
		value, text, err = unescaped(value)
		if err != nil {
			return "", err
		}
		into[strings.TrimSpace(name)] = value
	}
}

// unescaped reads a label's value up to its closing quote.
func unescaped(text string) (value, rest string, err error) {
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			return out.String(), text[i+1:], nil
		case '\\':
			if i++; i == len(text) {
				continue
			}
			out.WriteByte(cmp.Or(map[byte]byte{'n': '\n'}[text[i]], text[i]))
		default:
			out.WriteByte(text[i])
		}
	}
	return "", "", fmt.Errorf("the label value %s does not end (close its quotes)", quoted(text))
}

// quoted shortens a text of the file for an error.
func quoted(text string) string { return strconv.Quote(text[:min(len(text), 60)]) }
