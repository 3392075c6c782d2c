package episode

import (
	"encoding/json"
	"slices"
	"time"
)

// FindingEntry is a finding with its episode and job.
type FindingEntry struct {
	// Episode is the id of the finding's episode, At when that was opened.
	Episode string    `json:"episode"`
	At      time.Time `json:"at"`
	Cluster string    `json:"cluster,omitempty"`
	Job     string    `json:"job,omitempty"`
	// Vertex is the name of the vertex that was profiled; empty if it is not known.
	Vertex  string  `json:"vertex,omitempty"`
	Finding Finding `json:"finding"`
	// Mark is what a person says of it; nil for nothing.
	Mark *Mark `json:"mark,omitempty"`
}

// Advised is the part of an episode that a list of findings shows.
type Advised struct {
	ID       string
	Of       JobRef
	Opened   time.Time
	Findings []EncodedFinding
}

// EncodedFinding is a finding in the form in which lists are sent. Encoding it once is most
// of the speed of a long list.
type EncodedFinding struct {
	Category string
	Severity Severity
	// JSON is a [FindingEntry].
	JSON []byte
}

// Size is about how many bytes of memory it takes.
func (a Advised) Size() int {
	size := 256
	for _, f := range a.Findings {
		size += 64 + len(f.JSON)
	}
	return size
}

// DecodeAdvised reads what a list of findings needs from an episode, or from its summary, in
// JSON. Less is decoded than of a whole episode.
func DecodeAdvised(episode []byte) (Advised, error) {
	var stored struct {
		ID     string    `json:"id"`
		Opened time.Time `json:"opened"`
		Alert  struct {
			Cluster string `json:"cluster"`
			Job     string `json:"job"`
		} `json:"alert"`
		Target struct {
			VertexName string `json:"vertex_name"`
		} `json:"target"`
		Advice struct {
			Findings []Finding `json:"findings"`
		} `json:"advice"`
		Marks []Mark `json:"marks"`
	}
	if err := json.Unmarshal(episode, &stored); err != nil {
		return Advised{}, err
	}
	out := Advised{ID: stored.ID, Of: JobRef{stored.Alert.Cluster, stored.Alert.Job}, Opened: stored.Opened}
	for _, f := range stored.Advice.Findings {
		if f.Evidence == nil {
			f.Evidence = []string{}
		}
		entry := FindingEntry{
			Episode: out.ID, At: out.Opened, Cluster: out.Of.Cluster, Job: out.Of.Job, Vertex: stored.Target.VertexName,
			Finding: f,
		}
		if at := slices.IndexFunc(stored.Marks, func(m Mark) bool { return m.Finding == f.ID }); at >= 0 {
			entry.Mark = &stored.Marks[at]
		}
		text, err := json.Marshal(entry)
		if err != nil {
			return Advised{}, err
		}
		out.Findings = append(out.Findings, EncodedFinding{Category: f.Category, Severity: f.Severity, JSON: text})
	}
	return out, nil
}
