package outcome

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// colours are the escape sequences of verdicts on a terminal.
var colours = map[Verdict]string{Better: "\x1b[32m", Worse: "\x1b[31m", Unclear: "\x1b[2m", TooFew: "\x1b[2m"}

const noColour = "\x1b[0m"

// Text writes the table for a terminal, in aligned columns. Verdicts have a colour if
// coloured is true.
func (t Table) Text(w io.Writer, coloured bool) error {
	shown, cells := t.grid()
	return writeText(w, t.title(), shown, cells, t.notes(), coloured)
}

// writeText writes a title, aligned cells and notes.
func writeText(w io.Writer, title string, shown []column, cells [][]string, notes []string, coloured bool) error {
	widths := make([]int, len(shown))
	var titles []string
	for i, c := range shown {
		titles = append(titles, c.title)
		widths[i] = utf8.RuneCountInString(c.title)
		for _, line := range cells {
			widths[i] = max(widths[i], utf8.RuneCountInString(line[i]))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", title)
	writeLine(&b, shown, widths, titles, false)
	for _, line := range cells {
		writeLine(&b, shown, widths, line, coloured)
	}
	for _, note := range notes {
		fmt.Fprintf(&b, "\n%s\n", note)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeLine writes one line of aligned cells, with the colour of its verdict if coloured is
// true.
func writeLine(b *strings.Builder, shown []column, widths []int, cells []string, coloured bool) {
	var line strings.Builder
	for i, text := range cells {
		fill := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
		if colour := colours[Verdict(text)]; coloured && colour != "" && shown[i].title == "verdict" {
			text = colour + text + noColour
		}
		if shown[i].left {
			text += fill
		} else {
			text = fill + text
		}
		if i > 0 {
			line.WriteString("  ")
		}
		line.WriteString(text)
	}
	b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

// title says what the table is about.
func (t Table) title() string {
	return plaintext.Line(fmt.Sprintf("What changed? Run %s of job %s", t.Run, t.Job), 0)
}

// drifts says what an interval of Welch does not remove.
const drifts = "welch: the two sides did not alternate, so a slow change of the machine is part of the difference. " +
	"paired: they did, and it cancels."

// notes explain the columns that need it, and warn.
func (t Table) notes() []string {
	var notes []string
	for _, w := range t.Warnings {
		notes = append(notes, "warning: "+plaintext.Line(w, 0))
	}
	few, judged, apart := false, false, false
	for _, r := range t.Rows {
		few, judged, apart = few || r.Verdict == TooFew, judged || r.Low != nil, apart || r.Method == Welch
	}
	if apart {
		notes = append(notes, drifts)
	}
	if few {
		notes = append(notes, fmt.Sprintf("too few samples: an interval needs %d deployments of the label and of the "+
			"baseline (sidecar scaletest --deployments=5 makes them in turn).", MinDeployments))
	}
	if judged {
		notes = append(notes, fmt.Sprintf("detectable: the smallest change that as many deployments with this spread find "+
			"in four of five experiments. A change below %d %% is ~ in any case.", SmallestChange))
	}
	return notes
}

// Markdown writes the table for a pull request.
func (t Table) Markdown(w io.Writer) error {
	shown, cells := t.grid()
	return writeMarkdown(w, t.title(), shown, cells, t.notes())
}

// writeMarkdown writes a title, a table and notes.
func writeMarkdown(w io.Writer, title string, shown []column, cells [][]string, notes []string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n", escape(title))
	var titles, rules []string
	for _, c := range shown {
		titles = append(titles, c.title)
		if c.left {
			rules = append(rules, ":---")
		} else {
			rules = append(rules, "---:")
		}
	}
	for _, line := range cells {
		for i := range line {
			line[i] = escape(line[i])
		}
	}
	for _, line := range append([][]string{titles, rules}, cells...) {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(line, " | "))
	}
	for _, note := range notes {
		fmt.Fprintf(&b, "\n%s\n", escape(note))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// escaper makes text literal in Markdown: no markup, no HTML, no mention.
var escaper = strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<",
	"&lt;", ">", "&gt;", "&", "&amp;", "~", `\~`, "#", `\#`, "@", "&#64;")

func escape(text string) string { return escaper.Replace(text) }
