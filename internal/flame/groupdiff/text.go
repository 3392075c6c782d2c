package groupdiff

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

const (
	// manySamples is the number of samples a side from which a change of the usual size of a
	// regression is seen; below it the detectable change is printed beside each frame.
	manySamples = 200_000
	// rowsShown is the greatest number of frames in a list.
	rowsShown = 20
)

// few reports whether the detectable change belongs beside each frame.
func (r Report) few() bool { return min(r.Base.Samples, r.New.Samples) < manySamples }

// Text prints the frames that changed, those whose cost only moved, and how many are left.
func (r Report) Text(w io.Writer) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%d profiles with %d samples, then %d with %d. Shares of the samples of tasks at work.\n", r.Base.Profiles,
		r.Base.Samples, r.New.Profiles, r.New.Samples)
	changed, moved := r.Changed()
	r.list(out, "changed", changed)
	r.list(out, "moved: the cost is only in another frame", moved)
	fmt.Fprintf(out, "\n~ %d of %d frames differ by no more than the profiles of one epoch do\n",
		r.Tested-len(changed)-len(moved), r.Tested)
	if r.costed() {
		fmt.Fprintf(out, "CPU s: share of the CPU time of all TaskManagers for a million records, %.3g then %.3g.\n",
			*r.Base.CPUPerMillion, *r.New.CPUPerMillion)
	}
	if r.few() {
		fmt.Fprintf(out, "detectable: the smallest growth in points that is found in about three of four comparisons. It is "+
			"printed below %d samples a side.\n", manySamples)
	}
	return out.Flush()
}

func (r Report) list(w io.Writer, title string, frames []Frame) {
	if len(frames) == 0 {
		return
	}
	costs := ""
	if r.costed() {
		costs = fmt.Sprintf("%10s%10s", "before s", "after s")
	}
	fmt.Fprintf(w, "\n%s\n%-8s%10s%10s%10s%s%12s  %-22s%s\n", title, "verdict", "before %", "after %", "points", costs,
		"detectable", "category", "frame")
	for _, f := range frames[:min(rowsShown, len(frames))] {
		if r.costed() {
			costs = fmt.Sprintf("%10.3g%10.3g", *f.BaseCPU, *f.NewCPU)
		}
		fmt.Fprintf(w, "%-8s%10.2f%10.2f%+10.2f%s%12s  %-22s%s%s\n", f.Verdict, f.BasePercent, f.NewPercent, f.Points, costs,
			r.detectable(f), f.Category, plaintext.Visible(f.Name), f.movedText())
	}
	if more := len(frames) - rowsShown; more > 0 {
		fmt.Fprintf(w, "… and %d more (--format=json lists them)\n", more)
	}
}

func (r Report) detectable(f Frame) string {
	if !r.few() {
		return "-"
	}
	return fmt.Sprintf("%.2f", f.DetectablePoints)
}

func (f Frame) movedText() string {
	switch f.Moved {
	case "":
		return ""
	case f.Name:
		return " (to or from what it calls)"
	}
	return " (see " + plaintext.Visible(f.Moved) + ")"
}

// Markdown prints the same for a pull request.
func (r Report) Markdown(w io.Writer) error {
	var b strings.Builder
	changed, moved := r.Changed()
	fmt.Fprintf(&b, "#### Frames that changed\n\n")
	if len(changed) == 0 {
		fmt.Fprintf(&b, "None of %d frames.\n", r.Tested)
	} else {
		costs, rules := "", ""
		if r.costed() {
			costs, rules = " CPU s/million before | after |", "--:|--:|"
		}
		fmt.Fprintf(&b, "| frame | before | after | points |%s detectable | |\n|---|--:|--:|--:|%s--:|---|\n", costs, rules)
	}
	for _, f := range changed[:min(rowsShown, len(changed))] {
		costs := ""
		if r.costed() {
			costs = fmt.Sprintf(" %.3g | %.3g |", *f.BaseCPU, *f.NewCPU)
		}
		fmt.Fprintf(&b, "| `%s` | %.2f %% | %.2f %% | %+.2f |%s %s | %s |\n", inCode(f.Name), f.BasePercent, f.NewPercent, f.Points,
			costs, r.detectable(f), f.Verdict)
	}
	if more := len(changed) - rowsShown; more > 0 {
		fmt.Fprintf(&b, "\nAnd %d more.\n", more)
	}
	if len(moved) > 0 {
		fmt.Fprintf(&b, "\nThe cost of %d more frames only moved to another frame.\n", len(moved))
	}
	fmt.Fprintf(&b, "\n%d profiles with %d samples, then %d with %d.\n", r.Base.Profiles, r.Base.Samples, r.New.Profiles,
		r.New.Samples)
	_, err := io.WriteString(w, b.String())
	return err
}

// inCode makes a name safe between backquotes in a table.
func inCode(name string) string {
	return strings.NewReplacer("`", "'", "|", "\\|").Replace(plaintext.Visible(plaintext.Line(name, 200)))
}
