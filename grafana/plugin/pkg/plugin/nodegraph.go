package plugin

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// unknownText stands for a value that the sidecar does not know: it is not zero.
const unknownText = "unknown"

// node is a vertex of a job that runs now.
type node struct {
	api.Vertex
	job, cluster string
}

// id is unique among all jobs: two clusters that run the same job have the same ids of vertices.
func (n node) id() string { return n.of(n.ID) }

// of is the id of another vertex of the same job.
func (n node) of(vertex string) string { return n.cluster + "/" + n.job + "/" + vertex }

// nodeGraph is the graph of the jobs that run now: how busy the vertices are, and how many records
// pass between them.
func nodeGraph(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	status, err := d.client.Status(ctx)
	if err != nil {
		return nil, err
	}
	var nodes []node
	for _, j := range status.Jobs {
		if !q.takes(episode.JobRef{Cluster: j.Cluster, Job: j.Name}) {
			continue
		}
		for _, v := range j.Vertices {
			nodes = append(nodes, node{v, j.Name, j.Cluster})
		}
	}
	more := len(nodes) > q.Limit
	nodes = nodes[:min(len(nodes), q.Limit)]
	f := d.nodesFrame(nodes)
	for _, text := range graphNotices(status, q, len(nodes), more) {
		f.AppendNotices(data.Notice{Severity: data.NoticeSeverityInfo, Text: text})
	}
	return data.Frames{f, edgesFrame(nodes)}, nil
}

func graphNotices(status api.Status, q query, nodes int, more bool) (texts []string) {
	if nodes == 0 {
		texts = append(texts, "No such job runs now.")
	}
	if more {
		texts = append(texts, fmt.Sprintf("Only %d vertices are shown: choose a job, or raise the limit.", nodes))
	}
	if q.To.Before(status.At.Add(-5 * time.Minute)) {
		texts = append(texts, "The graph is of now, not of the time range.")
	}
	return texts
}

// nodesFrame has statistics as texts, because the panel does not format numbers by their unit.
func (d *Datasource) nodesFrame(nodes []node) *data.Frame {
	links := []data.DataLink{
		d.explore("Newest flame graph of the job", map[string]any{
			"queryType": "flamegraph", "job": valueOf("detail__job"), "cluster": valueOf("detail__cluster"),
		}),
		d.explore("Findings of the job", map[string]any{
			"queryType": "findings", "job": valueOf("detail__job"), "cluster": valueOf("detail__cluster"),
		}),
		d.onPage("The sidecar's page", "/"),
	}
	f := data.NewFrame("nodes",
		field("id", column(nodes, node.id), &data.FieldConfig{Links: links}),
		field("title", column(nodes, func(n node) string { return n.Name }), nil),
		field("subtitle", column(nodes, subtitle), nil),
		field("mainstat", column(nodes, func(n node) string { return percentText(mean(n.Busy)) }), named("Busy")),
		field("secondarystat", column(nodes, func(n node) string { return rateText(n.RecordsIn) }), named("Records in")),
		arc("busy", "Busy", "red", nodes, func(n node) float64 { return arcs(n)[0] }),
		arc("backpressured", "Backpressured", "orange", nodes, func(n node) float64 { return arcs(n)[1] }),
		arc("idle", "Idle", "green", nodes, func(n node) float64 { return arcs(n)[2] }),
		arc("unknown", "Unknown", "gray", nodes, func(n node) float64 { return arcs(n)[3] }),
		field("highlighted", column(nodes, func(n node) bool { return n.Bottleneck }), nil),
		detail("busiest", "Busiest subtask", nodes, func(n node) string { return percentText(most(n.Busy)) }),
		detail("capacity", "Capacity", nodes, func(n node) string { return rateText(n.TrueRate) }),
		detail("pending", "Pending records", nodes, func(n node) string { return countText(n.Pending) }),
		detail("job", "Job", nodes, func(n node) string { return n.job }),
		detail("cluster", "Cluster", nodes, func(n node) string { return n.cluster }),
	)
	f.SetMeta(&data.FrameMeta{PreferredVisualization: data.VisTypeNodeGraph})
	return f
}

func named(name string) *data.FieldConfig { return &data.FieldConfig{DisplayName: name} }

func detail(name, shown string, nodes []node, value func(node) string) *data.Field {
	return field("detail__"+name, column(nodes, value), named(shown))
}

// arc is a part of the ring around a node. The panel tells them apart by their colour.
func arc(name, shown, color string, nodes []node, value func(node) float64) *data.Field {
	return field("arc__"+name, column(nodes, value), &data.FieldConfig{
		DisplayName: shown, Color: map[string]any{"mode": "fixed", "fixedColor": color},
	})
}

// arcs are the shares of a vertex's time that it is busy, backpressured, idle, or of
// which the state is not known. Their sum is 1, as the panel wants it: Flink reads the three one after the other.
func arcs(n node) [4]float64 {
	if n.Busy == nil || n.Backpressured == nil || n.Idle == nil {
		return [4]float64{0, 0, 0, 1}
	}
	sum := n.Busy.Mean + n.Backpressured.Mean + n.Idle.Mean
	if sum <= 0 {
		return [4]float64{0, 0, 0, 1}
	}
	return [4]float64{n.Busy.Mean / sum, n.Backpressured.Mean / sum, n.Idle.Mean / sum, 0}
}

func subtitle(n node) string {
	text := strconv.Itoa(n.Parallelism) + " subtasks"
	if n.Parallelism == 1 {
		text = "1 subtask"
	}
	if n.Bottleneck {
		text = "bottleneck, " + text
	}
	return text
}

// edge leads from one node to another.
type edge struct {
	source, target node
	// rate is in records per second; nil is unknown.
	rate *float64
}

func edgesFrame(nodes []node) *data.Frame {
	edges := edgesOf(nodes)
	f := data.NewFrame("edges",
		field("id", column(edges, func(e edge) string { return e.source.id() + " → " + e.target.id() }), nil),
		field("source", column(edges, func(e edge) string { return e.source.id() }), nil),
		field("target", column(edges, func(e edge) string { return e.target.id() }), nil),
		field("mainstat", column(edges, func(e edge) string { return rateText(e.rate) }), named("Records")),
	)
	f.SetMeta(&data.FrameMeta{PreferredVisualization: data.VisTypeNodeGraph})
	return f
}

// edgesOf are the edges between nodes that are shown: the panel fails on an edge to another one.
func edgesOf(nodes []node) (edges []edge) {
	byID, readers := map[string]node{}, map[string]int{}
	for _, n := range nodes {
		byID[n.id()] = n
		for _, input := range n.Inputs {
			readers[n.of(input)]++
		}
	}
	for _, n := range nodes {
		for _, input := range n.Inputs {
			if source, shown := byID[n.of(input)]; shown {
				edges = append(edges, edge{source, n, rate(source, n, readers[source.id()])})
			}
		}
	}
	return edges
}

// rate is known if no other edge has a part in what Flink counts: it counts by vertex.
func rate(source, target node, readers int) *float64 {
	switch {
	case len(target.Inputs) == 1:
		return target.RecordsIn
	case readers == 1:
		return source.RecordsOut
	}
	return nil
}

func mean(s *api.Share) *float64 {
	if s == nil {
		return nil
	}
	return &s.Mean
}

func most(s *api.Share) *float64 {
	if s == nil {
		return nil
	}
	return &s.Max
}

func percentText(ratio *float64) string {
	if ratio == nil {
		return unknownText
	}
	return fmt.Sprintf("%.0f %%", 100**ratio)
}

func rateText(perSecond *float64) string {
	if perSecond == nil {
		return unknownText
	}
	return short(*perSecond) + "/s"
}

func countText(count *float64) string {
	if count == nil {
		return unknownText
	}
	return short(*count)
}

// short writes a number with one decimal, as 1.2 k or 45.6 M, and one below 1 with two digits.
func short(x float64) string {
	for _, step := range []struct {
		size float64
		name string
	}{{1e9, " G"}, {1e6, " M"}, {1e3, " k"}} {
		if x >= step.size {
			return strconv.FormatFloat(x/step.size, 'f', 1, 64) + step.name
		}
	}
	if x < 1 {
		return strconv.FormatFloat(x, 'g', 2, 64)
	}
	return strings.TrimSuffix(strconv.FormatFloat(x, 'f', 1, 64), ".0")
}
