package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// annotation is one of Grafana's, as its API lists them. Times are epoch milliseconds.
type annotation struct {
	ID      int64    `json:"id"`
	Time    int64    `json:"time"`
	TimeEnd int64    `json:"timeEnd"`
	Text    string   `json:"text"` // as HTML
	Tags    []string `json:"tags"`
}

// tagPrefix is the beginning of the tag that links an annotation to its episode.
const tagPrefix = "fsc:"

// region reports whether it covers a span of time and not a moment.
func (a annotation) region() bool { return a.TimeEnd > a.Time }

// first is the first line of the text, as shown on the graph.
func (a annotation) first() string {
	line, _, _ := strings.Cut(strings.TrimSpace(html.UnescapeString(a.Text)), "\n")
	return line
}

// episode is the id of the annotation's episode; empty for annotations of other origin.
func (a annotation) episode() string {
	for _, tag := range a.Tags {
		if id, ours := strings.CutPrefix(tag, tagPrefix); ours {
			return id
		}
	}
	return ""
}

// readAnnotations reads from the stack's stand-in for Grafana, like any client of
// Grafana.
func readAnnotations(ctx context.Context, state stack.State) ([]annotation, error) {
	token, err := os.ReadFile(state.GrafanaTokenFile)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet,
		state.GrafanaURL+"/api/annotations?type=annotation&limit=1000", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	var found []annotation
	err = fetch(request, func(body io.Reader) error { return json.NewDecoder(body).Decode(&found) })
	return found, err
}

// clock writes a moment as minutes and seconds after another.
func clock(from, at time.Time) string {
	seconds := int(max(0, at.Sub(from)).Seconds())
	return fmt.Sprintf("%02d:%02d", seconds/60, seconds%60)
}
