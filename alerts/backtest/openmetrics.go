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

// sample is one recorded value of a series. It is small, because a file has millions of them.
type sample struct {
	millis int64 // Unix time
	value  float64
	of     *signal.Series // the name and the labels, which all samples of a series share
}

func (s sample) at() time.Time { return time.UnixMilli(s.millis) }

// The bounds of what a file may hold, so that it takes about 1 GiB of memory. While the list of
// samples grows there are two of it, and the lines that were read are garbage for a while.
const (
	maxLine    = 1 << 20
	maxSamples = 12_000_000
	maxSeries  = 500_000
)

// errTooMany says how to get less.
var errTooMany = fmt.Errorf("more than %d samples or %d series are too many (give fewer series, or less time: "+
	"promtool's --min-time and --max-time)", maxSamples, maxSeries)

// Read reads samples with time stamps: OpenMetrics text, as `promtool tsdb dump-openmetrics`
// writes it, with times in seconds; times in milliseconds are understood as well. It keeps the
// metrics that signals need, in the order of their times. whole is false if the text does not
// end in "# EOF": it may be cut off.
func Read(r io.Reader) (samples Samples, whole bool, err error) {
	scanner := bufio.NewScanner(r)
	scanner.Buffer(make([]byte, 64<<10), maxLine)
	known := knownSeries{}
	for line := 1; scanner.Scan(); line++ {
		text := strings.TrimSpace(scanner.Text())
		if text == "" || text[0] == '#' {
			whole = text == "# EOF" || whole && text == ""
			continue
		}
		whole = false
		s, needed, err := known.parseLine(text)
		switch {
		case err != nil:
			return nil, false, fmt.Errorf("line %d: %w", line, err)
		case !needed:
		case len(samples) == maxSamples, len(known) > maxSeries:
			return nil, false, fmt.Errorf("line %d: %w", line, errTooMany)
		default:
			samples = append(samples, s)
		}
	}
	if err := scanner.Err(); err != nil {
		return nil, false, fmt.Errorf("reading the samples: %w (give a file in OpenMetrics text)", err)
	}
	slices.SortStableFunc(samples, func(a, b sample) int { return cmp.Compare(a.millis, b.millis) })
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
			page := recorded.Page{At: s[begin].at()}
			for ; begin < len(s) && s[begin].at().Sub(page.At) < samePage; begin++ {
				one := *s[begin].of
				one.Value = s[begin].value
				page.Series = append(page.Series, one)
			}
			if !yield(page, nil) {
				return
			}
		}
	}
}

// knownSeries are the series that signals need, each once, by their text.
type knownSeries map[string]*signal.Series

// parseLine reads one sample: NAME{LABELS} VALUE TIME, with an exemplar that does not count.
func (k knownSeries) parseLine(text string) (s sample, needed bool, err error) {
	of, rest, err := k.parseSeries(text)
	if err != nil {
		return s, false, err
	}
	rest, _, _ = strings.Cut(rest, " # ")
	fields := strings.Fields(rest)
	if len(fields) != 2 {
		return s, false, fmt.Errorf("the sample of %s has no value or no time stamp (record it with both)", quoted(of.Name))
	}
	value, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return s, false, fmt.Errorf("%s is not a value (write a number)", quoted(fields[0]))
	}
	millis, err := parseTime(fields[1])
	return sample{millis, value, of}, signal.Needs(of.Name) && !math.IsNaN(value), err
}

// parseSeries reads NAME{LABELS} and returns what follows it.
func (k knownSeries) parseSeries(text string) (of *signal.Series, rest string, err error) {
	if end := endOfSeries(text); k[text[:end]] != nil {
		return k[text[:end]], text[end:], nil
	}
	end := strings.IndexAny(text, "{ ")
	if end <= 0 {
		return nil, "", fmt.Errorf("%s is not a sample (write NAME{LABELS} VALUE TIME)", quoted(text))
	}
	of, rest = &signal.Series{Name: text[:end], Labels: map[string]string{}}, text[end:]
	if rest[0] == '{' {
		if rest, err = parseLabels(rest[1:], of.Labels); err != nil {
			return nil, "", err
		}
	}
	if signal.Needs(of.Name) {
		k[text[:len(text)-len(rest)]] = of
	}
	return of, rest, nil
}

// endOfSeries is where the labels of a line end, or its name if it has none. A line that is wrong has
// an end that no series has.
func endOfSeries(text string) int {
	quotes, labels := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quotes && c == '\\':
			i++
		case c == '"':
			quotes = !quotes
		case quotes:
		case c == '{':
			labels = true
		case c == '}' && labels:
			return i + 1
		case c == ' ' && !labels:
			return i
		}
	}
	return len(text)
}

// parseTime reads Unix time in seconds, or in milliseconds where seconds would be after the
// year 5000.
func parseTime(text string) (millis int64, err error) {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(seconds) || math.Abs(seconds) > 1e14 {
		return 0, fmt.Errorf("%s is not a time (write Unix time in seconds)", quoted(text))
	}
	if math.Abs(seconds) > 1e11 {
		seconds /= 1000
	}
	return int64(math.Round(seconds * 1e3)), nil
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
