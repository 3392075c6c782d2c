package web

import (
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// payloads break out of text, attributes, URLs, scripts, styles and comments.
var payloads = []string{
	`<script>alert(1)</script>`,
	`"><img src=x onerror=alert(1)>`,
	`' autofocus onfocus='alert(1)`,
	"`${alert(1)}`",
	`</title></main></section></table></svg><svg onload=alert(1)>`,
	`javascript:alert(1)`,
	`--><script>alert(1)</script><!--`,
	`{{define "main"}}x{{end}}{{.Version}}`,
	"&lt;script&gt;alert(1)&lt;/script&gt;",
	"\u2028</script>\u0000\x1b[31m<b>\xff\xfe",
	`]]></style><base href=//evil.example/>`,
	strings.Repeat("<a href=//evil.example>", 200),
}

// fill sets every string that can be reached from v, makes one entry of every list
// and something of every pointer, and leaves other values as they are.
func fill(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), text)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(start))
			return
		}
		for _, field := range v.Fields() {
			fill(field, text)
		}
	default:
	}
}

func filled[T any](text string) (v T) {
	fill(reflect.ValueOf(&v).Elem(), text)
	return v
}

// filledHistory returns entries in which every string is the same.
type filledHistory string

func (h filledHistory) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) {
	return []episode.Episode{filled[episode.Episode](string(h))}, nil
}

func (h filledHistory) Episode(string) (episode.Episode, bool, error) {
	e := filled[episode.Episode](string(h))
	e.Profiles[0].Samples = 1
	return e, true, nil
}

func (h filledHistory) Measurements(episode.JobRef, string, time.Time, time.Time, int) ([]episode.Measurement, error) {
	m := filled[episode.Measurement](string(h))
	m.Hops[0].Count = 1
	window := m
	window.Kind = episode.KindWindow
	return []episode.Measurement{m, window, window}, nil
}

func (h filledHistory) Declined(episode.JobRef, string, int) ([]episode.Declined, error) {
	return []episode.Declined{filled[episode.Declined](string(h))}, nil
}

// pages are those that show data.
var pages = []string{"/", "/episodes", "/episodes/" + idAt(1)}

// filledPage renders a page in which every string is text.
func filledPage(t *testing.T, page, text string) string {
	t.Helper()
	status := filled[api.Status](text)
	status.Probe.Hops[0].Count = 1
	h := handlerOf(func() api.Status { return status }, filledHistory(text))
	response := get(t, h, "GET", page)
	require.Equal(t, http.StatusOK, response.Code, page)
	return response.Body.String()
}

// skeleton is the page's elements with the names of their attributes, in order.
func skeleton(t *testing.T, page string) []string {
	t.Helper()
	var out []string
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		kind := z.Next()
		if kind == html.ErrorToken {
			require.ErrorIs(t, z.Err(), io.EOF)
			return out
		}
		if kind == html.TextToken {
			continue
		}
		token := z.Token()
		item := kind.String() + " " + token.Data
		for _, a := range token.Attr {
			item += " " + a.Key
		}
		out = append(out, item)
	}
}

// TestHostileNames fills every string of the status and of the history with markup:
// each page must have the very elements and attributes that it has with a plain word.
func TestHostileNames(t *testing.T) {
	for _, path := range pages {
		plain := skeleton(t, filledPage(t, path, "word"))
		require.Greater(t, len(plain), 70, path)
		for _, payload := range payloads {
			page := filledPage(t, path, payload)
			require.Equal(t, plain, skeleton(t, page), "%s: %q", path, payload)
			for _, href := range hrefs(t, page) {
				require.False(t, strings.Contains(href, "://") || strings.HasPrefix(href, "//") ||
					strings.HasPrefix(href, "javascript"), href)
			}
		}
	}
}

// TestLongTextsAreBounded: with any text from the API, a browser can still show the page.
func TestLongTextsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	e := filled[episode.Episode](long)
	e.ID, e.Advice.Findings[0].Evidence = idAt(1), slices.Repeat([]string{"E1"}, 5000)
	e.Advice.Findings = slices.Repeat(e.Advice.Findings, 500)
	e.Advice.Evidence = slices.Repeat(e.Advice.Evidence, 500)
	e.Profiles = slices.Repeat(e.Profiles, 500)
	e.Notes = slices.Repeat(e.Notes, 500)
	page := get(t, handlerOf(fullStatus, oneEpisode(e)), "GET", "/episodes/"+idAt(1)).Body.String()
	require.Less(t, len(page), 4<<20)
	require.Equal(t, -1, strings.Index(page, strings.Repeat("x", maxProse+1)), "a text is not bounded")
}

func hrefs(t *testing.T, page string) []string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	return hrefsOf(root)
}

func hrefsOf(root *html.Node) (out []string) {
	for n := range root.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "href" || a.Key == "src" {
				out = append(out, a.Val)
			}
		}
	}
	return out
}
