package kinds

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// PutAnnouncement stores an announcement of an episode or of one of its findings, in any state
// of the episode, in place of an earlier one of the same. It returns false if there is no such
// episode.
func (s *Entries) PutAnnouncement(id string, made episode.Announcement) (stored bool, err error) {
	return s.amend(id, func(e *episode.Episode) bool {
		e.Announcements = withStored([]episode.Announcement{made}, e.Announcements)
		return true
	})
}

// withStored returns announcements, with those of stored in place of the same ones.
func withStored(stored, given []episode.Announcement) []episode.Announcement {
	if len(stored) == 0 {
		return given
	}
	out := slices.Clone(given)
	for _, one := range stored {
		same := func(a episode.Announcement) bool { return a.Where == one.Where && a.Finding == one.Finding }
		if at := slices.IndexFunc(out, same); at >= 0 {
			out[at] = one
			continue
		}
		out = append(out, one)
	}
	return out
}
