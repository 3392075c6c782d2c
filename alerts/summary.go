package alerts

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// The summary stands in an annotation or a notice: one sentence, with the subject
// first, then the time, numbers in a readable form, and the interval last. It has no
// capital at the start and no full stop, because it follows a title or stands in a
// list.
//
//	checkpoint size will pass 512 MiB in 22 min (15–34)
//	heap after garbage collection on tm-3 will pass 922 MiB in 3 h (1.5–9)
//	checkpoint duration passed 60 s and keeps growing
func (t *track) summary(limit float64, b stat.Breach) string {
	subject := t.rule.Subject
	if t.labels.Process != "" {
		subject += " on " + t.labels.Process
	}
	if b.Point == 0 {
		return fmt.Sprintf("%s passed %s and keeps growing", subject, formatAmount(t.rule.Unit, limit))
	}
	unit := unitOfTime(b.Point)
	return fmt.Sprintf("%s will pass %s in %s %s (%s–%s)", subject, formatAmount(t.rule.Unit, limit),
		unit.number(b.Point), unit.name, unit.number(b.Low), unit.number(b.High))
}
