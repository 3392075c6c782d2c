package kinds

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// PutMark stores what people say of a finding, in any state of its episode, in place of an
// earlier mark. The same decision with the same note keeps the time of the first. It returns
// what is stored then, and false if there is no such episode or finding.
func (s *Entries) PutMark(id string, mark episode.Mark) (stored episode.Mark, found bool, err error) {
	_, err = s.amend(id, func(e *episode.Episode) bool {
		stored, found = mark, e.HasFinding(mark.Finding)
		if !found {
			return false
		}
		if was, ok := e.MarkOf(mark.Finding); ok && was.Decision == mark.Decision && was.Note == mark.Note {
			stored = was
			return false
		}
		e.Marks = slices.DeleteFunc(e.Marks, func(m episode.Mark) bool { return m.Finding == mark.Finding })
		e.Marks = append(e.Marks, mark)
		return true
	})
	return stored, found && err == nil, err
}

// marksOf are the marks of findings, for a summary that has only some of them.
func marksOf(e episode.Episode, findings []episode.Finding) (marks []episode.Mark) {
	for _, f := range findings {
		if m, ok := e.MarkOf(f.ID); ok {
			m.Note = cut(m.Note)
			marks = append(marks, m)
		}
	}
	return marks
}
