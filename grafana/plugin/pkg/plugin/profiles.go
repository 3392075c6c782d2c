package plugin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

func profiles(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	type row = api.ProfileEntry
	list, more, err := d.listProfiles(ctx, q)
	if err != nil {
		return nil, err
	}
	f := tableOf("profiles",
		field("taken", column(list, func(r row) time.Time { return r.Profile.Taken }), nil),
		field("job", column(list, func(r row) string { return r.Job }), nil),
		field("mode", column(list, func(r row) string { return r.Profile.Mode }), nil),
		field("process", column(list, func(r row) string { return r.Profile.Process }), nil),
		field("vertex", column(list, func(r row) string { return r.Profile.VertexName }), nil),
		field("role", column(list, func(r row) string { return string(r.Profile.Role) }), nil),
		field("samples", column(list, func(r row) int64 { return r.Profile.Samples }), unit("short")),
		field("seconds", column(list, func(r row) float64 { return r.Profile.Duration.Seconds() }), unit("s")),
		field("grade", column(list, func(r row) string { return r.Profile.Grade }), nil),
		field("profile", column(list, func(r row) string { return r.Profile.Hash }), &data.FieldConfig{Links: d.profileLinks("profile")}),
		field("control", column(list, func(r row) string { return r.Control }), &data.FieldConfig{Links: []data.DataLink{d.diffLink("control", "profile")}}),
		field("cluster", column(list, func(r row) string { return r.Cluster }), nil),
		field("episode", column(list, func(r row) string { return r.Episode }), &data.FieldConfig{Links: d.episodeLinks("episode")}),
	)
	return data.Frames{cut(f, more, q.Limit)}, nil
}

// listProfiles reads the profiles of a query's time range, newest first.
func (d *Datasource) listProfiles(ctx context.Context, q query) ([]api.ProfileEntry, bool, error) {
	id := func(p api.ProfileEntry) string { return p.Episode }
	return collect(q, id, func(of episode.JobRef, before string, limit int) ([]api.ProfileEntry, string, error) {
		list, err := d.client.Profiles(ctx, api.ProfileQuery{
			Of: of, Mode: q.Mode, Before: before, From: q.From, To: q.To, Limit: limit,
		})
		return list.Profiles, list.Next, err
	})
}

// chosen are the profile that a query is about, and its control: those of an episode, those nearest
// to a record of the probe or, if the query names neither, the newest ones. They are empty if there
// are none.
func (d *Datasource) chosen(ctx context.Context, q query) (profile, control string, err error) {
	if q.Seed != "" {
		return d.nearSeed(ctx, q)
	}
	if q.Episode != "" {
		e, err := d.episode(ctx, q.Episode)
		if err != nil {
			return "", "", err
		}
		profile, control := pair(e, q.Mode)
		return profile, control, nil
	}
	q.Limit = 1
	list, _, err := d.listProfiles(ctx, q)
	if err != nil || len(list) == 0 {
		return "", "", err
	}
	return list[0].Profile.Hash, list[0].Control, nil
}

// pair are the hashes of an episode's profile of a process in a mode, and of its control; an
// empty mode is any.
func pair(e episode.Episode, mode string) (profile, control string) {
	p, found := episode.JudgedProfile(e)
	if mode != "" {
		i := slices.IndexFunc(e.Profiles, func(p episode.Profile) bool {
			return p.Mode == mode && p.Role != episode.Control
		})
		if found = i >= 0; found {
			p = e.Profiles[i]
		}
	}
	if !found {
		return "", ""
	}
	other, _ := episode.ControlProfile(e, p.Mode)
	return p.Hash, other.Hash
}

func flameGraph(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	if q.Hash == "" {
		var err error
		if q.Hash, _, err = d.chosen(ctx, q); err != nil {
			return nil, err
		}
	}
	if q.Hash == "" {
		return data.Frames{empty(noProfile(q))}, nil
	}
	tree, err := d.client.Tree(ctx, q.Hash, q.Frames)
	if err != nil {
		return nil, err
	}
	return data.Frames{nested(tree)}, nil
}

func noProfile(q query) string {
	switch {
	case q.Seed != "":
		return fmt.Sprintf("No profile was taken within %.0f minutes of the record.", nearRecord.Minutes())
	case q.Episode != "":
		return "The episode has no such profile."
	}
	return "There is no profile in this time range."
}

// diff compares the profile other with the base hash. Where neither is named, it compares the
// profile of an episode, or the newest one, with its control.
func diff(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	if q.Hash == "" && q.Other == "" {
		var err error
		if q.Other, q.Hash, err = d.chosen(ctx, q); err != nil {
			return nil, err
		}
	}
	if q.Other == "" && q.Seed != "" {
		return data.Frames{empty(noProfile(q))}, nil
	}
	if q.Hash == "" || q.Other == "" {
		return data.Frames{empty("There are no two profiles to compare: choose both, or set profiling.control.")}, nil
	}
	both, err := d.client.Diff(ctx, q.Hash, q.Other, q.Frames)
	if err != nil {
		return nil, err
	}
	return data.Frames{nested(both)}, nil
}

// empty is a flame graph of nothing, with the reason. Grafana's panel fails on a frame without
// rows.
func empty(why string) *data.Frame {
	f := nested(flame.New().NestedSet(1))
	f.AppendNotices(data.Notice{Severity: data.NoticeSeverityInfo, Text: why})
	return f
}

// nested is a nested set as Grafana's flame graph panel takes it. The labels are an enumeration:
// each name is sent once.
func nested(n flame.NestedSet) *data.Frame {
	labels := data.NewField("label", nil, column(n.Name, func(id int) data.EnumItemIndex { return data.EnumItemIndex(id) }))
	labels.SetConfig(&data.FieldConfig{TypeConfig: &data.FieldTypeConfig{Enum: &data.EnumFieldConfig{Text: n.Names}}})
	f := data.NewFrame("flamegraph",
		field("level", column(n.Level, func(level int) int64 { return int64(level) }), nil),
		field("value", n.Value, unit(panelUnit(n.Unit))),
		field("self", n.Self, unit(panelUnit(n.Unit))),
		labels,
	)
	if n.ValueRight != nil { // both or none: the panel does not check it
		f.Fields = append(f.Fields,
			field("valueRight", n.ValueRight, unit(panelUnit(n.Unit))), field("selfRight", n.SelfRight, unit(panelUnit(n.Unit))))
	}
	f.SetMeta(&data.FrameMeta{PreferredVisualization: data.VisTypeFlameGraph})
	if n.Hidden > 0 {
		f.AppendNotices(data.Notice{
			Severity: data.NoticeSeverityInfo,
			Text:     fmt.Sprintf("The %d smallest frames are put together: raise the number of frames to see them.", n.Hidden),
		})
	}
	return f
}

// panelUnit is the unit that makes the panel write bytes, time or a count.
func panelUnit(unit string) string {
	switch unit {
	case "bytes", "ns":
		return unit
	}
	return "short"
}
