package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// markdownRows is the greatest number of frames in a comment.
const markdownRows = 10

// detectableSamples is the number of samples a side from which a change of the usual size of a
// regression is seen; below it the noise is printed beside each frame.
const detectableSamples = 200_000

// Markdown prints the frames whose share changed by more than chance explains, for a pull
// request. Vanished frames are among them.
func (t DiffText) Markdown() error {
	changed, others := t.beyondNoise()
	var b strings.Builder
	fmt.Fprintf(&b, "#### Frames that changed\n\n")
	if len(changed) == 0 {
		fmt.Fprintf(&b, "None of %d frames: no change is larger than chance explains.\n", others)
	} else {
		fmt.Fprint(&b, "| frame | self before | self after | change | noise | |\n|---|--:|--:|--:|--:|---|\n")
	}
	for _, c := range changed[:min(markdownRows, len(changed))] {
		fmt.Fprintf(&b, "| `%s` | %.2f %% | %.2f %% | %+.2f | %.2f to %.2f | %s |\n", inCode(c.Name), c.Self.BasePercent,
			c.Self.NewPercent, c.Self.Points, c.Self.Low, c.Self.High, c.Self.Verdict)
	}
	if more := len(changed) - markdownRows; more > 0 {
		fmt.Fprintf(&b, "\nAnd %d more.\n", more)
	}
	if smaller := min(t.Base.Total-t.Base.Idle, t.New.Total-t.New.Idle); smaller < detectableSamples {
		fmt.Fprintf(&b, "\nProfiles of %d and %d samples; the noise is in percentage points.\n", t.Base.Total-t.Base.Idle,
			t.New.Total-t.New.Idle)
	}
	_, err := io.WriteString(t.W, b.String())
	return err
}

// beyondNoise are the frames whose self share changed by more than chance explains, and the
// number of the others. A frame that only has other callers is no change.
func (t DiffText) beyondNoise() (changed []flame.Change, others int) {
	for _, c := range t.Frames {
		if c.Self.Verdict == flame.Unchanged {
			others++
		} else {
			changed = append(changed, c)
		}
	}
	return changed, others
}

// inCode makes a name safe between backquotes in a table.
func inCode(name string) string {
	return strings.NewReplacer("`", "'", "|", "\\|").Replace(plaintext.Visible(plaintext.Line(name, 200)))
}
