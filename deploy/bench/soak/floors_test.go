package soak

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// samples are the columns of a file. Each has a value for each sample.
type samples map[string][]float64

// parse reads a CSV file whose first row has the names of the columns.
func parse(text []byte) (samples, error) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("%d rows are no samples", len(rows))
	}
	all := samples{}
	for _, row := range rows[1:] {
		for i, cell := range row {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return nil, err
			}
			all[rows[0][i]] = append(all[rows[0][i]], v)
		}
	}
	for i, anonymous := range all["anonymous_bytes"] {
		all["file_bytes"] = append(all["file_bytes"], all["resident_bytes"][i]-anonymous)
	}
	return all, nil
}

// settled is when every limit of the hour's configuration is reached, in seconds after the start:
// the history has all the probe records that it keeps, and was swept twice since.
const settled = 25 * 60

// since drops the samples before a time in seconds.
func (s samples) since(seconds float64) samples {
	from := slices.IndexFunc(s["seconds"], func(at float64) bool { return at >= seconds })
	later := samples{}
	for name, values := range s {
		if from >= 0 {
			later[name] = values[from:]
		}
	}
	return later
}

// floors are the least values within each stretch of so many seconds, and the middle of each, in
// hours. What is in use for a moment is in no floor; what is never given back is in all that follow.
// The last stretch, which has not ended, is left out.
func (s samples) floors(column string, stretch float64) (hours, values []float64) {
	times := s["seconds"]
	for i, at := range times {
		n := int((at - times[0]) / stretch)
		if n == len(values) {
			values = append(values, math.Inf(1))
			hours = append(hours, (float64(n)+0.5)*stretch/3600)
		}
		values[n] = min(values[n], s[column][i])
	}
	last := max(0, len(values)-1)
	return hours[:last], values[:last]
}

func TestParse(t *testing.T) {
	s, err := parse([]byte("seconds,a\n0,1\n10,2\n20,3\n"))
	require.NoError(t, err)
	require.Equal(t, samples{"seconds": {10, 20}, "a": {2, 3}}, s.since(5))
	require.Empty(t, s.since(30))
	s, err = parse([]byte("resident_bytes,anonymous_bytes\n5,2\n"))
	require.NoError(t, err)
	require.Equal(t, []float64{3}, s["file_bytes"])
	_, err = parse([]byte("seconds,a\n"))
	require.ErrorContains(t, err, "1 rows are no samples")
	_, err = parse([]byte("seconds,a\n0,x\n"))
	require.Error(t, err)
}
