package recorded

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

// maxDecoded bounds what one stored page may hold, in bytes of JSON.
const maxDecoded = 64 << 20

// stored is a page in the history.
type stored struct {
	// At is in milliseconds of Unix time.
	At     int64          `json:"at"`
	Series []storedSeries `json:"series"`
}

type storedSeries struct {
	Name   string            `json:"n"`
	Labels map[string]string `json:"l"`
	Value  float64           `json:"v"`
}

// packers are used again: each has 0.8 MB of tables, and a sidecar packs the pages of many clusters.
var packers sync.Pool

// Encode writes a page as compressed JSON. Values that are not finite are left out.
func (p Page) Encode() ([]byte, error) {
	s := stored{At: p.At.UnixMilli()}
	for _, one := range p.Series {
		if !math.IsNaN(one.Value) && !math.IsInf(one.Value, 0) {
			s.Series = append(s.Series, storedSeries(one))
		}
	}
	var out bytes.Buffer
	packed, ok := packers.Get().(*gzip.Writer)
	if !ok {
		packed = gzip.NewWriter(&out)
	}
	defer packers.Put(packed)
	packed.Reset(&out)
	if err := json.NewEncoder(packed).Encode(s); err != nil {
		return nil, err
	}
	err := packed.Close()
	return out.Bytes(), err
}

// Decode reads what Encode wrote.
func Decode(data []byte) (Page, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return Page{}, fmt.Errorf("the stored page is no gzip: %w (it is left out)", err)
	}
	var s stored
	if err := json.NewDecoder(io.LimitReader(unpacked, maxDecoded)).Decode(&s); err != nil {
		return Page{}, fmt.Errorf("the stored page is no JSON of a page: %w (it is left out)", err)
	}
	p := Page{At: time.UnixMilli(s.At)}
	for _, one := range s.Series {
		p.Series = append(p.Series, signal.Series(one))
	}
	return p, nil
}
