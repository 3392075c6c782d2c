package episode

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Epoch is a span of unchanged software and settings of one job. Numbers are compared
// within an epoch; Changes are the differences to the epoch before.
//
// Changes of scale alone that follow each other within ten minutes belong to one epoch:
// an autoscaler, or a person who tries out settings. The fields of such an epoch are the
// last ones, its key is the first one.
type Epoch struct {
	// Key is a hash of what the epoch began with. It is the same for two epochs of
	// the same software, settings and scale, unless an epoch began with a change of
	// scale alone.
	Key     string `json:"key"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	// Began is when the collector first saw this epoch, not when it was deployed.
	Began time.Time `json:"began"`
	// Changes are the differences to the epoch before; empty for the first known epoch.
	Changes []Change `json:"changes,omitempty"`
	// PlanHash covers vertices, their names and edges.
	PlanHash string `json:"plan_hash"`
	// ConfigHash covers an allow-list of settings, without ports, paths and ids.
	ConfigHash string `json:"config_hash,omitempty"`
	// Settings are the same settings one by one: a short hash of the value by key. The
	// values are not stored, because any of them may be a secret. Of a few that cannot be one,
	// [Change] has them.
	Settings map[string]string `json:"settings,omitempty"`
	// Parallelism is the largest parallelism of any vertex, 0 if unknown, and
	// ScaleHash covers that of each.
	Parallelism int    `json:"parallelism,omitempty"`
	ScaleHash   string `json:"scale_hash,omitempty"`
	// TaskManagers describes their resources, for example "2 x 1 GiB, 2 slots".
	TaskManagers string `json:"taskmanagers,omitempty"`
	FlinkVersion string `json:"flink_version,omitempty"`
	// Rescaled is when only the scale changed for the last time; zero if this epoch began
	// otherwise.
	Rescaled time.Time `json:"rescaled,omitzero"`
}

// Change is one difference between two epochs. From and To are empty where the values are
// not told: of settings, those of some that cannot be secrets are, while the sidecar runs.
type Change struct {
	// What is a field, for example "parallelism", or a setting's source and key, for
	// example "cluster state.backend.type".
	What string `json:"what"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// String is the change as a person reads it: "parallelism 2 → 4", or "plan".
func (c Change) String() string {
	if c.From == "" && c.To == "" {
		return c.What
	}
	return fmt.Sprintf("%s %s → %s", c.What, orDash(c.From), orDash(c.To))
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// The fields that a change may be in.
const (
	ChangedVersion      = "flink"
	ChangedPlan         = "plan"
	ChangedSettings     = "settings"
	ChangedParallelism  = "parallelism"
	ChangedScale        = "parallelism of vertices"
	ChangedTaskManagers = "TaskManagers"
)

// ChangesSince returns the differences to an earlier epoch of the job, the scale last;
// none if the two are equal, whatever their keys.
func (e Epoch) ChangesSince(before Epoch) []Change {
	var changes []Change
	changed := func(what, from, to string) {
		if from != to {
			changes = append(changes, Change{What: what, From: from, To: to})
		}
	}
	changed(ChangedVersion, before.FlinkVersion, e.FlinkVersion)
	if e.PlanHash != before.PlanHash {
		changes = append(changes, Change{What: ChangedPlan})
	}
	if e.ConfigHash != before.ConfigHash {
		changes = append(changes, changedSettings(before.Settings, e.Settings)...)
	}
	changed(ChangedParallelism, count(before.Parallelism), count(e.Parallelism))
	if e.ScaleHash != before.ScaleHash && e.Parallelism == before.Parallelism && e.PlanHash == before.PlanHash {
		changes = append(changes, Change{What: ChangedScale})
	}
	changed(ChangedTaskManagers, before.TaskManagers, e.TaskManagers)
	return changes
}

func count(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// maxChanged bounds the named settings.
const maxChanged = 20

// changedSettings names the settings that differ. If one of the two epochs has no single
// settings, it says only that they differ.
func changedSettings(before, now map[string]string) []Change {
	if len(before) == 0 || len(now) == 0 {
		return []Change{{What: ChangedSettings}}
	}
	keys := maps.Clone(before)
	maps.Copy(keys, now)
	var changes []Change
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		was, had := before[key]
		is, has := now[key]
		if was != is || had != has {
			changes = append(changes, Change{What: key})
		}
	}
	switch more := len(changes) - maxChanged; {
	case more == -maxChanged:
		return []Change{{What: ChangedSettings}}
	case more > 0:
		return append(changes[:maxChanged], Change{What: fmt.Sprintf("%d more settings", more)})
	}
	return changes
}

// Describe says in a sentence what changed since the epoch before.
func (e Epoch) Describe() string {
	if len(e.Changes) == 0 {
		return "this job is seen for the first time"
	}
	changes := make([]string, len(e.Changes))
	for i, change := range e.Changes {
		changes[i] = change.String()
	}
	return strings.Join(changes, ", ")
}

// OnlyScale reports whether there are changes and all of them concern the resources of
// the job, not its software.
func OnlyScale(changes []Change) bool {
	return len(changes) > 0 && !slices.ContainsFunc(changes, func(c Change) bool {
		return c.What != ChangedParallelism && c.What != ChangedScale && c.What != ChangedTaskManagers
	})
}

// Join appends later changes to earlier ones: two changes of one field become one, from
// the first value to the last.
func Join(changes, later []Change) []Change {
	joined := slices.Clone(changes)
	for _, next := range later {
		at := slices.IndexFunc(joined, func(c Change) bool { return c.What == next.What })
		if at < 0 {
			joined = append(joined, next)
			continue
		}
		joined[at].To = next.To
	}
	return slices.DeleteFunc(joined, func(c Change) bool { return c.From != "" && c.From == c.To })
}
