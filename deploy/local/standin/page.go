package standin

import (
	"bytes"
	"html"
	"html/template"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
)

// document is the whole page. It reloads itself, because its reader waits for the first
// annotation.
var document = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="refresh" content="5">
<title>{{.Name}}</title>
<style>
body { font: 15px/1.5 sans-serif; margin: 2em auto; max-width: 60em; padding: 0 1em }
th, td { text-align: left; vertical-align: top; padding: .3em 1em .3em 0; border-top: 1px solid #ccc }
.text { white-space: pre-line }
</style>
</head>
<body>
<h1>{{.Name}}</h1>
<p>{{.Is}}. What a Grafana would draw on its graphs is listed here, the newest first.</p>
{{if .Annotations}}<table>
<tr><th>id</th><th>from</th><th>to</th><th>tags</th><th>text</th></tr>
{{range .Annotations}}<tr><td>{{.ID}}</td><td>{{.From}}</td><td>{{.To}}</td><td>{{.Tags}}</td><td class="text">{{.Text}}</td></tr>
{{end}}</table>
{{else}}<p>There are no annotations yet.</p>
{{end}}</body>
</html>
`))

// row is an annotation as the page shows it.
type row struct {
	ID                   int64
	From, To, Tags, Text string
}

// page lists the annotations. It needs no token: it listens on loopback and shows nothing
// that the sidecar's own page does not.
func (g *Grafana) page(w http.ResponseWriter, _ *http.Request) {
	rows := []row{}
	for _, a := range slices.Backward(g.api.Annotations()) {
		rows = append(rows, rowOf(a))
	}
	var text bytes.Buffer
	err := document.Execute(&text, struct {
		Name, Is    string
		Annotations []row
	}{Name, Is, rows})
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(text.Bytes()) // the browser may have disconnected
}

// link matches the only link of an annotation, to its evidence.
var link = regexp.MustCompile(`<a href="([^"]*)"[^>]*>[^<]*</a>`)

// rowOf makes a row. Texts come as HTML, because Grafana shows them as such; here they
// become plain, and the template escapes them again.
func rowOf(a grafanatest.Annotation) row {
	lines := link.ReplaceAllString(strings.ReplaceAll(a.Text, "<br>", "\n"), "$1")
	clock := func(millis int64) string { return time.UnixMilli(millis).Format(time.DateTime) }
	return row{
		ID: a.ID, From: clock(a.Time), To: clock(a.TimeEnd),
		Tags: strings.Join(a.Tags, ", "), Text: html.UnescapeString(lines),
	}
}
