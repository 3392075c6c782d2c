package plugin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// nearRecord is how far from a record of the probe a profile may be that is shown for it: the
// profiler begins after a trend or an alert has seen what made the record slow.
const nearRecord = 15 * time.Minute

// arrival is one record of the probe at one sink, and the profile nearest to it; nil if none is
// near.
type arrival struct {
	episode.ProbeRecord
	at      episode.AtSink
	profile *api.ProfileEntry
}

// records are the probe's records, each at each of its sinks. One that a seed names is shown
// whatever the time range is: a link has only its seed.
func records(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	list, more, err := d.listRecords(ctx, q)
	if err != nil {
		return nil, err
	}
	near, left, err := d.profilesNear(ctx, list)
	if err != nil {
		return nil, err
	}
	var rows []arrival
	for _, r := range list {
		profile := nearest(near, r.Intended)
		for _, at := range r.Sinks {
			rows = append(rows, arrival{r, at, profile})
		}
	}
	more = more || len(rows) > q.Limit
	rows = rows[:min(len(rows), q.Limit)]
	f := cut(d.recordsFrame(rows), more, len(rows))
	if left {
		f.AppendNotices(data.Notice{Severity: data.NoticeSeverityWarning, Text: fmt.Sprintf(
			"Only the newest %d profiles are compared with the records: shorten the time range.", maxRows)})
	}
	return data.Frames{f}, nil
}

func (d *Datasource) recordsFrame(rows []arrival) *data.Frame {
	type row = arrival
	of := func(value func(api.ProfileEntry) string) func(row) string {
		return func(r row) string {
			if r.profile == nil {
				return ""
			}
			return value(*r.profile)
		}
	}
	return tableOf("records",
		field("due", column(rows, func(r row) time.Time { return r.Intended }), nil),
		field("sink", column(rows, func(r row) string { return r.at.Sink }), nil),
		field("outcome", column(rows, func(r row) string { return string(r.at.Outcome) }), nil),
		field("latency", column(rows, func(r row) *float64 { return secondsOf(r.at.Latency) }), unit("s")),
		field("acknowledged after", column(rows, func(r row) *float64 { return secondsOf(r.Acknowledged) }), unit("s")),
		field("duplicates", column(rows, func(r row) int64 { return int64(r.at.Duplicates) }), nil),
		field("error", column(rows, func(r row) string { return r.Error }), nil),
		field("profile", column(rows, of(func(p api.ProfileEntry) string { return p.Profile.Hash })),
			&data.FieldConfig{Links: d.profileLinks("profile")}),
		field("control", column(rows, of(func(p api.ProfileEntry) string { return p.Control })),
			&data.FieldConfig{Links: []data.DataLink{d.diffLink("control", "profile")}}),
		field("episode", column(rows, of(func(p api.ProfileEntry) string { return p.Episode })),
			&data.FieldConfig{Links: d.episodeLinks("episode")}),
		field("partition", column(rows, func(r row) int64 { return int64(r.Partition) }), nil),
		field("seed", column(rows, func(r row) string { return r.Seed }), nil),
	)
}

func secondsOf(d *time.Duration) *float64 {
	if d == nil {
		return nil
	}
	seconds := d.Seconds()
	return &seconds
}

// listRecords reads the records that a query asks for, those of the newest round first.
func (d *Datasource) listRecords(ctx context.Context, q query) ([]episode.ProbeRecord, bool, error) {
	if q.Seed != "" {
		q.From, q.To = time.Time{}, time.Time{}
	}
	return collectPages(q.Limit, func(before string, limit int) ([]episode.ProbeRecord, string, error) {
		list, err := d.client.RecordsOf(ctx, api.RecordQuery{
			Outcome: episode.RecordOutcome(q.Outcome), Seed: q.Seed, Before: before, From: q.From, To: q.To, Limit: limit,
		})
		return list.Records, list.Next, err
	})
}

// profilesNear are the profiles of the probe's job around records; none if there is no probe now. more
// reports whether older ones were left out.
func (d *Datasource) profilesNear(ctx context.Context, records []episode.ProbeRecord) (all []api.ProfileEntry, more bool, err error) {
	if len(records) == 0 {
		return nil, false, nil
	}
	status, err := d.client.Status(ctx)
	if err != nil || status.Probe == nil {
		return nil, false, err
	}
	byTime := func(a, b episode.ProbeRecord) int { return a.Intended.Compare(b.Intended) }
	q := api.ProfileQuery{
		Of:   episode.JobRef{Cluster: status.Probe.Cluster, Job: status.Probe.Job},
		From: slices.MinFunc(records, byTime).Intended.Add(-nearRecord),
		To:   slices.MaxFunc(records, byTime).Intended.Add(nearRecord),
	}
	return collectPages(maxRows, func(before string, limit int) ([]api.ProfileEntry, string, error) {
		q.Before, q.Limit = before, limit
		list, err := d.client.Profiles(ctx, q)
		return list.Profiles, list.Next, err
	})
}

// nearest is the profile taken nearest to a moment, but for those of control processes; nil if
// none is near.
func nearest(profiles []api.ProfileEntry, at time.Time) *api.ProfileEntry {
	var best *api.ProfileEntry
	for i, p := range profiles {
		away := p.Profile.Taken.Sub(at).Abs()
		if p.Profile.Role != episode.Control && away <= nearRecord &&
			(best == nil || away < best.Profile.Taken.Sub(at).Abs()) {
			best = &profiles[i]
		}
	}
	return best
}

// nearSeed are the profile nearest to the record with a seed, and its control; empty if there are
// none.
func (d *Datasource) nearSeed(ctx context.Context, q query) (profile, control string, err error) {
	list, _, err := d.listRecords(ctx, query{Seed: q.Seed, Limit: 1})
	if err != nil {
		return "", "", err
	}
	if len(list) == 0 {
		return "", "", &api.Error{Status: 404, Message: "the record is not kept any more (choose a newer exemplar)"}
	}
	near, _, err := d.profilesNear(ctx, list)
	if err != nil {
		return "", "", err
	}
	near = slices.DeleteFunc(near, func(p api.ProfileEntry) bool { return q.Mode != "" && p.Profile.Mode != q.Mode })
	if best := nearest(near, list[0].Intended); best != nil {
		return best.Profile.Hash, best.Control, nil
	}
	return "", "", nil
}
