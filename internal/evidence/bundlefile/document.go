package bundlefile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Name is the name of the file with the facts.
const Name = "bundle.json"

// version is the version of the format that this package writes, and the highest that it reads.
const version = 1

// document is the content of bundle.json. Its own fields replace fields of the bundle that
// have the same name.
type document struct {
	// Version is 0 in a bundle that a person wrote without one.
	Version int `json:"version"`
	// SHA256 is empty in a bundle that a person wrote.
	SHA256 string `json:"sha256,omitempty"`
	evidence.Bundle
	Profiles []profile `json:"profiles"`
	Trends   []trend   `json:"trends,omitempty"`
}

// profile is an entry about one profile.
type profile struct {
	// File is the path in the directory, with slashes.
	File string `json:"file"`
	// SHA256 is of the file as it is; empty if a person wrote the bundle.
	SHA256 string `json:"sha256,omitempty"`
	// Name is the profile's name in warnings; empty is the file.
	Name string `json:"name,omitempty"`
	// Mode is found in the page and the name of the file if it is empty.
	Mode     string  `json:"mode,omitempty"`
	Process  string  `json:"process,omitempty"`
	Vertex   string  `json:"vertex,omitempty"`
	Duration float64 `json:"duration_seconds,omitempty"`
}

// trend is a trend with its times in seconds.
type trend struct {
	evidence.Trend
	Breach *float64 `json:"breach_seconds,omitempty"`
}

func documentOf(b evidence.Bundle) document {
	d := document{Version: version, Bundle: b, Profiles: []profile{}}
	for _, t := range b.Trends {
		entry := trend{Trend: t}
		if t.Breach != nil {
			entry.Breach = new(t.Breach.Seconds())
		}
		d.Trends = append(d.Trends, entry)
	}
	return d
}

// bundle returns the facts of a decoded document, without the profiles: JSON fills only its own
// fields, and not those of the bundle that they replace.
func (d document) bundle() evidence.Bundle {
	b := d.Bundle
	for _, entry := range d.Trends {
		t := entry.Trend
		if entry.Breach != nil {
			t.Breach = new(seconds(*entry.Breach))
		}
		b.Trends = append(b.Trends, t)
	}
	return b
}

// seconds converts a time to whole nanoseconds, so that a time that was written is read as it
// was. No time of a bundle is longer than longestTime.
func seconds(s float64) time.Duration {
	return time.Duration(math.Round(min(max(s, 0), longestTime) * float64(time.Second)))
}

const longestTime = 1e9 // seconds: thirty years

// UnmarshalJSON reads an entry, or the path of a file alone.
func (p *profile) UnmarshalJSON(text []byte) error {
	if bytes.HasPrefix(text, []byte(`"`)) {
		return json.Unmarshal(text, &p.File)
	}
	type entry profile // without this method
	return json.Unmarshal(text, (*entry)(p))
}

// encode returns bundle.json with its hash.
func (d document) encode() ([]byte, error) {
	d.SHA256 = ""
	plain, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("the facts cannot be written: %w (report this as a fault of the sidecar)", err)
	}
	d.SHA256 = hashOf(plain)
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}

// isEdited reports whether bundle.json differs from what was written. Spaces do not count.
func (d document) isEdited(text []byte) bool {
	if d.SHA256 == "" {
		return false
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return true
	}
	field := fmt.Appendf(nil, `"sha256":%q,`, d.SHA256)
	return hashOf(bytes.Replace(compact.Bytes(), field, nil, 1)) != d.SHA256
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
