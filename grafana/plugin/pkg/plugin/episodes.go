package plugin

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// listEpisodes reads the episodes of a query's time range, newest first, also those that had begun
// before it.
func (d *Datasource) listEpisodes(ctx context.Context, q query) ([]episode.Episode, bool, error) {
	id := func(e episode.Episode) string { return e.ID }
	return collect(q, id, func(of episode.JobRef, before string, limit int) ([]episode.Episode, string, error) {
		list, err := d.client.EpisodesOf(ctx, api.EpisodeQuery{
			Of: of, Before: before, From: q.From, To: q.To, Lasting: true, Limit: limit,
		})
		return list.Episodes, list.Next, err
	})
}

func episodes(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	list, more, err := d.listEpisodes(ctx, q)
	if err != nil {
		return nil, err
	}
	f := tableOf("episodes",
		field("opened", column(list, func(e episode.Episode) time.Time { return e.Opened }), nil),
		field("job", column(list, func(e episode.Episode) string { return e.Alert.Job }), nil),
		field("rule", column(list, func(e episode.Episode) string { return e.Alert.Rule }), nil),
		field("state", column(list, func(e episode.Episode) string { return string(e.State) }), nil),
		field("summary", column(list, func(e episode.Episode) string { return e.Alert.Summary }), nil),
		field("first finding", column(list, firstFinding), &data.FieldConfig{Links: d.momentLinks("episode")}),
		field("findings", column(list, func(e episode.Episode) int64 { return int64(len(found(e))) }), nil),
		field("process", column(list, processOf), nil),
		field("profile", column(list, judged), &data.FieldConfig{Links: d.profileLinks("profile")}),
		field("control", column(list, control), &data.FieldConfig{Links: []data.DataLink{d.diffLink("control", "profile")}}),
		field("seconds", column(list, tookSeconds), unit("s")),
		field("cluster", column(list, func(e episode.Episode) string { return e.Alert.Cluster }), nil),
		field("episode", column(list, func(e episode.Episode) string { return e.ID }), &data.FieldConfig{Links: d.episodeLinks("episode")}),
	)
	return data.Frames{cut(f, more, q.Limit)}, nil
}

// profileLinks open the profile whose hash is in a field.
func (d *Datasource) profileLinks(name string) []data.DataLink {
	return []data.DataLink{
		d.explore("Flame graph", map[string]any{"queryType": "flamegraph", "hash": valueOf(name)}),
		d.onPage("Flame graph as Flink made it", "/profiles/"+valueOf(name)+".html"),
	}
}

// diffLink compares two profiles whose hashes are in fields, the first of them as the base.
func (d *Datasource) diffLink(base, other string) data.DataLink {
	return d.explore("Compare sick with control", map[string]any{
		"queryType": "diff", "hash": valueOf(base), "other": valueOf(other),
	})
}

// momentLinks open what the profiler saw in the episode whose id is in a field.
func (d *Datasource) momentLinks(name string) []data.DataLink {
	return []data.DataLink{
		d.explore("Flame graph of that moment", map[string]any{"queryType": "flamegraph", "episode": valueOf(name)}),
		d.explore("Compare sick with control", map[string]any{"queryType": "diff", "episode": valueOf(name)}),
	}
}

// episodeLinks lead to the episode whose id is in a field.
func (d *Datasource) episodeLinks(name string) []data.DataLink {
	return []data.DataLink{
		d.onPage("Evidence on the sidecar's page", "/episodes/"+valueOf(name)),
		d.explore("What happened", map[string]any{"queryType": "logs", "episode": valueOf(name)}),
	}
}

// valueOf is a field's value of the same row, in Grafana's words.
func valueOf(name string) string { return `${__data.fields["` + name + `"]}` }

func found(e episode.Episode) []episode.Finding {
	if e.Advice == nil {
		return nil
	}
	return e.Advice.Findings
}

func firstFinding(e episode.Episode) string {
	if all := found(e); len(all) > 0 {
		return all[0].Title
	}
	return ""
}

func processOf(e episode.Episode) string {
	if e.Target == nil {
		return ""
	}
	return e.Target.Process
}

func judged(e episode.Episode) string {
	profile, _ := pair(e, "")
	return profile
}

func control(e episode.Episode) string {
	_, control := pair(e, "")
	return control
}

// tookSeconds is how long an episode took until its advice; nil while it is under way.
func tookSeconds(e episode.Episode) *float64 {
	end := e.Concluded
	if end.IsZero() {
		end = e.Finished
	}
	if end.IsZero() {
		return nil
	}
	took := end.Sub(e.Opened).Seconds()
	return &took
}

// annotations are the episodes as regions. Only one field is called text: Grafana would take
// another one in its place.
func annotations(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	list, more, err := d.listEpisodes(ctx, q)
	if err != nil {
		return nil, err
	}
	f := data.NewFrame("annotations",
		field("time", column(list, func(e episode.Episode) time.Time { return begin(e) }), nil),
		field("timeEnd", column(list, endOf), nil),
		field("title", column(list, func(e episode.Episode) string { return e.Alert.Rule }), nil),
		field("text", column(list, annotationText), nil),
		field("tags", column(list, annotationTags), nil),
		field("id", column(list, func(e episode.Episode) string { return e.ID }), nil),
	)
	return data.Frames{cut(f, more, q.Limit)}, nil
}

func begin(e episode.Episode) time.Time {
	if e.Alert.StartsAt.IsZero() || e.Alert.StartsAt.After(e.Opened) {
		return e.Opened
	}
	return e.Alert.StartsAt
}

// endOf is when the advice was complete, or when the trouble ended; an episode under way is a point.
func endOf(e episode.Episode) time.Time {
	return firstOf(e.RegionEnd(), e.Finished, begin(e))
}

// firstOf is the first of some times that is known.
func firstOf(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// annotationText is one line, whose text Grafana shows as HTML that it has cleaned.
func annotationText(e episode.Episode) string {
	text := e.Alert.Summary
	if text == "" {
		text = e.Alert.Rule
	}
	if first := firstFinding(e); first != "" {
		text += " — " + first
	}
	return strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(text)
}

// annotationTags are joined by commas, so that a comma within a tag goes.
func annotationTags(e episode.Episode) string {
	tags := []string{"flink-sidecar"}
	for _, named := range [][2]string{{"job:", e.Alert.Job}, {"rule:", e.Alert.Rule}, {"cluster:", e.Alert.Cluster}} {
		if named[1] != "" {
			tags = append(tags, named[0]+strings.ReplaceAll(named[1], ",", " "))
		}
	}
	return strings.Join(tags, ",")
}

// logLine is a moment of an episode.
type logLine struct {
	at       time.Time
	severity string
	body     string
}

// episode reads the episode with an id.
func (d *Datasource) episode(ctx context.Context, id string) (episode.Episode, error) {
	e, there, err := d.client.Episode(ctx, id)
	if err == nil && !there {
		err = &api.Error{Status: 404, Message: "there is no episode " + id + " any more (choose another one)"}
	}
	return e, err
}

// logs are the moments of one episode, newest first.
func logs(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	if q.Episode == "" {
		return nil, &api.Error{Status: 400, Message: "no episode is chosen (choose one in the query editor)"}
	}
	e, err := d.episode(ctx, q.Episode)
	if err != nil {
		return nil, err
	}
	lines := linesOf(e)
	slices.SortStableFunc(lines, func(a, b logLine) int { return cmp.Compare(b.at.UnixNano(), a.at.UnixNano()) })
	labels, err := ownFault(json.Marshal(map[string]string{"episode": e.ID, "job": e.Alert.Job, "cluster": e.Alert.Cluster}))
	if err != nil {
		return nil, err
	}
	f := data.NewFrame("logs",
		field("timestamp", column(lines, func(l logLine) time.Time { return l.at }), nil),
		field("body", column(lines, func(l logLine) string { return l.body }), nil),
		field("severity", column(lines, func(l logLine) string { return l.severity }), nil),
		field("id", lineIDs(e.ID, lines), nil),
		field("labels", column(lines, func(logLine) json.RawMessage { return labels }), nil),
	)
	f.SetMeta(&data.FrameMeta{
		Type: data.FrameTypeLogLines, TypeVersion: data.FrameTypeVersion{0, 0}, PreferredVisualization: data.VisTypeLogs,
	})
	return data.Frames{f}, nil
}

// lineIDs are the same for the same line at each query, and different for different ones: the panel
// drops a line whose id it has seen.
func lineIDs(episode string, lines []logLine) (ids []string) {
	seen := map[string]int{}
	for _, l := range lines {
		text := fnv.New64a()
		_, _ = text.Write([]byte(l.body)) // never fails
		id := fmt.Sprintf("%s-%d-%x", episode, l.at.UnixNano(), text.Sum64())
		if seen[id]++; seen[id] > 1 {
			id += fmt.Sprintf("-%d", seen[id])
		}
		ids = append(ids, id)
	}
	return ids
}

func linesOf(e episode.Episode) (all []logLine) {
	add := func(at time.Time, severity, format string, args ...any) {
		if !at.IsZero() {
			all = append(all, logLine{at, severity, fmt.Sprintf(format, args...)})
		}
	}
	add(begin(e), "info", "%s: %s", e.Alert.Rule, e.Alert.Summary)
	add(e.Opened, "info", "episode opened")
	for _, p := range e.Profiles {
		add(p.Taken, "info", "profile %s of %s: %d samples", p.Mode, cmp.Or(p.Process, p.VertexName), p.Samples)
	}
	last := firstOf(e.Concluded, e.Finished, begin(e))
	for _, f := range found(e) {
		add(last, severityOf(f.Severity), "%d. %s", f.Rank, f.Title)
	}
	for _, note := range e.Notes {
		add(last, "warning", "%s", note)
	}
	for _, a := range e.Announcements {
		add(a.At, "info", "announced in %s %s", a.Where, a.Error)
	}
	if e.Error != "" {
		add(last, "error", "%s", e.Error)
	}
	add(e.Alert.ResolvedAt, "info", "the alert ended")
	return all
}

func severityOf(s episode.Severity) string { return string(s) }
