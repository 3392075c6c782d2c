package flink

import (
	"context"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// Values are metrics of one process or job by name. They are finite; a name
// that is not in the map is unknown.
type Values map[string]float64

// Aggregates are metrics of several processes or subtasks by name. A name
// that is not in the map is unknown.
type Aggregates map[string]Aggregate

// Aggregate summarizes the values that the processes or subtasks reported.
type Aggregate struct {
	Min, Max, Avg, Sum float64
}

// Count is how many processes or subtasks reported. Flink does not report it, but it
// follows from sum and average; it is unknown if both are 0.
func (a Aggregate) Count() (n int, known bool) {
	if a.Avg == 0 {
		return 0, false
	}
	return int(math.Round(a.Sum / a.Avg)), true
}

// Allowance says whether another request may be sent. It is called before every request
// that is sent only because the answer to an earlier one was empty.
type Allowance func() bool

const (
	jobManagerMetrics   = "/jobmanager/metrics"
	taskManagerMetrics  = "/taskmanagers/:taskmanagerid/metrics"
	taskManagersMetrics = "/taskmanagers/metrics"
	jobMetrics          = "/jobs/:jobid/metrics"
	vertexMetrics       = "/jobs/:jobid/vertices/:vertexid/subtasks/metrics"
)

// JobManagerMetrics reads metrics of the JobManager. Names it does not have are left out.
func (c *Client) JobManagerMetrics(ctx context.Context, names []string) (Values, error) {
	return c.values(ctx, names, jobManagerMetrics)
}

// TaskManagerMetrics reads metrics of one TaskManager. Names it does not have are left
// out.
func (c *Client) TaskManagerMetrics(ctx context.Context, id string, names []string) (Values, error) {
	return c.values(ctx, names, taskManagerMetrics, id)
}

// JobMetrics reads metrics of a job as a whole. Names it does not have are left out.
func (c *Client) JobMetrics(ctx context.Context, job string, names []string) (Values, error) {
	return c.values(ctx, names, jobMetrics, job)
}

// TaskManagerNames lists the metrics that any TaskManager reports.
func (c *Client) TaskManagerNames(ctx context.Context) ([]string, error) {
	return c.names(ctx, taskManagersMetrics)
}

// TaskManagerAggregates reads metrics over all TaskManagers; see VertexAggregates.
func (c *Client) TaskManagerAggregates(ctx context.Context, names []string, more Allowance) (Aggregates, error) {
	return c.aggregates(ctx, "", names, more, taskManagersMetrics)
}

// VertexNames lists the metrics that any subtask of a vertex reports.
func (c *Client) VertexNames(ctx context.Context, job, vertex string) ([]string, error) {
	return c.names(ctx, vertexMetrics, job, vertex)
}

// VertexAggregates reads metrics over all subtasks of a vertex, in one request unless
// there are many names. One name that no subtask reports makes Flink's whole answer
// empty. Such a request is halved until the name is isolated, as long as more allows it;
// a nil more never does.
func (c *Client) VertexAggregates(
	ctx context.Context, job, vertex string, names []string, more Allowance,
) (Aggregates, error) {
	return c.aggregates(ctx, "", names, more, vertexMetrics, job, vertex)
}

// SubtaskAggregates is VertexAggregates over some subtasks alone, written as Flink takes
// them: "0-3,5". Flink remembers what subtasks last reported that finished, or that are
// gone after a job was scaled down in place. Each of the named subtasks must have reported
// once: else some versions answer with an error.
func (c *Client) SubtaskAggregates(ctx context.Context, job, vertex, subtasks string, names []string,
	more Allowance,
) (Aggregates, error) {
	return c.aggregates(ctx, "subtasks="+subtasks+"&", names, more, vertexMetrics, job, vertex)
}

// Ranges writes indexes in ascending order as Flink takes them: "0-3,5".
func Ranges(indexes []int) string {
	var out []string
	for i := 0; i < len(indexes); {
		j := i
		for j+1 < len(indexes) && indexes[j+1] == indexes[j]+1 {
			j++
		}
		part := strconv.Itoa(indexes[i])
		if j > i {
			part += "-" + strconv.Itoa(indexes[j])
		}
		out = append(out, part)
		i = j + 1
	}
	return strings.Join(out, ",")
}

func (c *Client) names(ctx context.Context, pattern string, ids ...string) ([]string, error) {
	var answer []struct {
		ID string `json:"id"`
	}
	if err := c.read(ctx, &answer, pattern, ids...); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(answer))
	for _, entry := range answer {
		names = append(names, entry.ID)
	}
	return names, nil
}

func (c *Client) values(ctx context.Context, names []string, pattern string, ids ...string) (Values, error) {
	r, err := to(pattern, ids...)
	if err != nil {
		return nil, err
	}
	values := Values{}
	for _, chunk := range chunks(names, maxQuery-len(r.path)) {
		var answer []struct {
			ID    string  `json:"id"`
			Value *number `json:"value"`
		}
		if err := c.get(ctx, r, "get="+chunk.query(), &answer); err != nil {
			return nil, err
		}
		for _, entry := range answer {
			if entry.Value == nil {
				continue
			}
			if value, ok := entry.Value.finite(); ok {
				values[entry.ID] = value
			}
		}
	}
	return values, nil
}

func (c *Client) aggregates(
	ctx context.Context, filter string, names []string, more Allowance, pattern string, ids ...string,
) (Aggregates, error) {
	r, err := to(pattern, ids...)
	if err != nil {
		return nil, err
	}
	found := Aggregates{}
	for _, chunk := range chunks(names, maxQuery-len(r.path)-len(filter)) {
		if err := c.bisect(ctx, r, filter, chunk, more, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// bisect adds to found the values of names, of the subtasks that filter selects, and
// halves the names where the answer is empty.
func (c *Client) bisect(
	ctx context.Context, r route, filter string, names chunk, more Allowance, found Aggregates,
) error {
	var answer []struct {
		ID                 string
		Min, Max, Avg, Sum *number
	}
	if err := c.get(ctx, r, filter+"agg=min,max,avg,sum&get="+names.query(), &answer); err != nil {
		return err
	}
	for _, e := range answer {
		if e.Min == nil || e.Max == nil || e.Avg == nil || e.Sum == nil {
			continue
		}
		// One process that reports NaN makes the sum and the average NaN too.
		if sum, ok := e.Sum.finite(); ok {
			found[e.ID] = Aggregate{Min: float64(*e.Min), Max: float64(*e.Max), Avg: float64(*e.Avg), Sum: sum}
		}
	}
	if len(answer) > 0 || len(names) < 2 {
		return nil
	}
	middle := len(names) / 2
	for _, half := range []chunk{names[:middle], names[middle:]} {
		if more == nil || !more() {
			return nil
		}
		if err := c.bisect(ctx, r, filter, half, more, found); err != nil {
			return err
		}
	}
	return nil
}

// maxQuery bounds path and query of a request, in bytes. Flink answers 404
// from 4,084 on; the rest is for a proxy's path prefix.
const maxQuery = 3500

// chunk is a list of names that fits into one request.
type chunk []string

func (c chunk) query() string {
	escaped := make([]string, 0, len(c))
	for _, name := range c {
		escaped = append(escaped, url.QueryEscape(name))
	}
	return strings.Join(escaped, ",")
}

// chunks cuts names into lists whose query is at most limit bytes long. It leaves out a
// name that cannot be requested: one that is too long for any request, or holds the comma
// that separates names.
func chunks(names []string, limit int) []chunk {
	limit -= len("agg=min,max,avg,sum&get=")
	var (
		all  []chunk
		last chunk
		size int
	)
	for _, name := range names {
		length := len(url.QueryEscape(name)) + 1
		if length > limit || strings.Contains(name, ",") {
			continue
		}
		if size+length > limit {
			all, last, size = append(all, last), nil, 0
		}
		last, size = append(last, name), size+length
	}
	if len(last) > 0 {
		all = append(all, last)
	}
	return all
}
