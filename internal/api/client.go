package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// maxAnswer bounds what a client reads: a thousand of the largest measurements.
const maxAnswer = 64 << 20

// Client talks to the API of a running sidecar. An answer that is an error is an
// [*Error].
type Client struct {
	base      *url.URL
	http      *http.Client
	unmarshal func([]byte, any) error
}

// NewClient returns a client of the sidecar at base, for example
// "http://127.0.0.1:8642". The HTTP client brings TLS and authentication; it should
// have no timeout of its own, because a round takes as long as its records: use
// the contexts. Nil is [http.DefaultClient].
func NewClient(base string, client *http.Client) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the address of a sidecar (write it as http://host:port)", base)
	}
	if client == nil {
		client = http.DefaultClient
	}
	return &Client{base: u, http: client, unmarshal: json.Unmarshal}, nil
}

// DecodeBy has the JSON of answers read by another decoder than encoding/json, whose rules it must
// keep. It is for those who read long lists. It must not be called while a request is under way.
func (c *Client) DecodeBy(unmarshal func([]byte, any) error) { c.unmarshal = unmarshal }

// Status returns what the sidecar knows now.
func (c *Client) Status(ctx context.Context) (Status, error) {
	return get[Status](ctx, c, "status", nil)
}

// Episodes lists episodes, newest first: those that of takes, older than the episode
// before unless it is empty, up to limit or, for 0, a default. Each is as [Brief]
// returns it.
func (c *Client) Episodes(ctx context.Context, of episode.JobRef, before string, limit int) (EpisodeList, error) {
	return get[EpisodeList](ctx, c, "episodes",
		params("cluster", of.Cluster, "job", of.Job, "before", before, "limit", number(limit)))
}

// EpisodeQuery says which episodes are asked for. The zero value is all, up to a default number.
type EpisodeQuery struct {
	Of episode.JobRef
	// Vertex is the name of a vertex; empty is every episode.
	Vertex string
	// Before is an episode: only older ones. From and To bound when an episode was opened: From
	// is the first moment, To the first moment after. The zero time is open.
	Before   string
	From, To time.Time
	// Lasting adds the episodes that were opened up to a week before From and lasted until then.
	Lasting bool
	Limit   int
}

// EpisodesOf is [Client.Episodes] with a vertex and a time range.
func (c *Client) EpisodesOf(ctx context.Context, q EpisodeQuery) (EpisodeList, error) {
	lasting := ""
	if q.Lasting {
		lasting = "true"
	}
	return get[EpisodeList](ctx, c, "episodes", params("cluster", q.Of.Cluster, "job", q.Of.Job, "vertex", q.Vertex,
		"before", q.Before, "from", timeText(q.From), "to", timeText(q.To), "lasting", lasting, "limit", number(q.Limit)))
}

// Episode returns one episode whole, and false when there is none with that id.
func (c *Client) Episode(ctx context.Context, id string) (episode.Episode, bool, error) {
	e, err := get[episode.Episode](ctx, c, "episodes/"+url.PathEscape(id), nil)
	var failure *Error
	if errors.As(err, &failure) && failure.Status == http.StatusNotFound {
		return e, false, nil
	}
	return e, err == nil, err
}

// Prompt returns the exact bytes that an LLM would be sent for an episode now.
func (c *Client) Prompt(ctx context.Context, id string) ([]byte, error) {
	return fetch(ctx, c, http.MethodGet, c.base.JoinPath(Prefix, "episodes", id, "prompt"), nil)
}

// Bundle returns the files of the evidence of an episode: their content by path.
func (c *Client) Bundle(ctx context.Context, id string) (BundleFiles, error) {
	return get[BundleFiles](ctx, c, "episodes/"+url.PathEscape(id)+"/bundle", nil)
}

// maxPage bounds the page of a profile, in bytes.
const maxPage = 64 << 20

// ProfilePage returns the page of a profile as Flink delivered it, by its hash.
func (c *Client) ProfilePage(ctx context.Context, hash string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.base.JoinPath("profiles", hash+".html").String(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(io.LimitReader(answer.Body, maxPage))
	if err == nil && answer.StatusCode != http.StatusOK {
		err = &Error{answer.StatusCode, "the page of profile " + hash + " is not there (it may be older than the retention)"}
	}
	return page, err
}

// Declined lists alerts that opened no episode, newest first. The rest is as with
// Episodes.
func (c *Client) Declined(ctx context.Context, of episode.JobRef, before string, limit int) (DeclinedList, error) {
	return get[DeclinedList](ctx, c, "alerts/declined",
		params("cluster", of.Cluster, "job", of.Job, "before", before, "limit", number(limit)))
}

// PutEpisode stores an episode whose state is final. Idempotent.
func (c *Client) PutEpisode(ctx context.Context, e episode.Episode) error {
	_, err := post[episode.Episode](ctx, c, "episodes", e)
	return err
}

// Measurements lists measurements, newest first: those that began at from or later
// and before to, where the zero time is open. The rest is as with Episodes.
func (c *Client) Measurements(ctx context.Context, of episode.JobRef, before string, from, to time.Time,
	limit int,
) (MeasurementList, error) {
	return c.MeasurementsOf(ctx, MeasurementQuery{Of: of, Before: before, From: from, To: to, Limit: limit})
}

// MeasurementQuery says which measurements are asked for. The zero value is all, up to a default
// number.
type MeasurementQuery struct {
	Of episode.JobRef
	// Kind is window or round; empty is any.
	Kind string
	// Before is a measurement: only older ones. From and To bound when one began: From is the first
	// moment, To the first moment after. The zero time is open.
	Before   string
	From, To time.Time
	Limit    int
}

// MeasurementsOf is [Client.Measurements] of a kind.
func (c *Client) MeasurementsOf(ctx context.Context, q MeasurementQuery) (MeasurementList, error) {
	return get[MeasurementList](ctx, c, "measurements", params("cluster", q.Of.Cluster, "job", q.Of.Job, "kind", q.Kind,
		"before", q.Before, "from", timeText(q.From), "to", timeText(q.To), "limit", number(q.Limit)))
}

// Epochs lists the epochs of the jobs that of takes, newest first.
func (c *Client) Epochs(ctx context.Context, of episode.JobRef, limit int) (EpochList, error) {
	return c.EpochsOf(ctx, of, time.Time{}, time.Time{}, limit)
}

// EpochsOf is [Client.Epochs] of those that began at from or later and before to; the zero time is
// open. The list ends between two moments.
func (c *Client) EpochsOf(ctx context.Context, of episode.JobRef, from, to time.Time, limit int) (EpochList, error) {
	return get[EpochList](ctx, c, "epochs", params("cluster", of.Cluster, "job", of.Job, "from", timeText(from),
		"to", timeText(to), "limit", number(limit)))
}

// Round has the sidecar run one probe round and waits until it has ended. When ctx
// ends the waiting does, but not the round.
func (c *Client) Round(ctx context.Context, request RoundRequest) (episode.Episode, error) {
	return post[episode.Episode](ctx, c, "probe/rounds", request)
}

// Raise has the sidecar open an episode. A receipt that was not accepted is no
// error: it says which episode stands for the alert.
func (c *Client) Raise(ctx context.Context, request AlertRequest) (Receipt, error) {
	return post[Receipt](ctx, c, "alerts", request)
}

// Pause stops a part, or all of them if it is empty.
func (c *Client) Pause(ctx context.Context, part Part) (PauseState, error) {
	return post[PauseState](ctx, c, "pause", PauseRequest{Part: part})
}

// Resume lets a part go on, or all of them if it is empty.
func (c *Client) Resume(ctx context.Context, part Part) (PauseState, error) {
	return post[PauseState](ctx, c, "resume", PauseRequest{Part: part})
}

func get[T any](ctx context.Context, c *Client, path string, query url.Values) (answer T, err error) {
	err = getInto(ctx, c, path, query, &answer)
	return answer, err
}

// getInto is get into an answer that may have room for a long list.
func getInto(ctx context.Context, c *Client, path string, query url.Values, answer any) error {
	u := c.base.JoinPath(Prefix, path)
	u.RawQuery = query.Encode()
	return do(ctx, c, http.MethodGet, u, nil, answer)
}

func post[T any](ctx context.Context, c *Client, path string, v any) (answer T, err error) {
	body, err := json.Marshal(v)
	if err != nil {
		return answer, err
	}
	err = do(ctx, c, http.MethodPost, c.base.JoinPath(Prefix, path), body, &answer)
	return answer, err
}

func do(ctx context.Context, c *Client, method string, u *url.URL, body []byte, answer any) error {
	content, err := fetch(ctx, c, method, u, body)
	if err != nil {
		return err
	}
	if err := c.unmarshal(content, answer); err != nil {
		return fmt.Errorf("%s does not answer as a sidecar does: %w (correct the address)",
			c.base.Redacted(), err)
	}
	return nil
}

// fetch returns the content of an answer.
func fetch(ctx context.Context, c *Client, method string, u *url.URL, body []byte) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err // the address is said already
	}
	if err != nil {
		return nil, fmt.Errorf("sidecar at %s: %w", c.base.Redacted(), err)
	}
	defer response.Body.Close()
	content, err := contentOf(response)
	if err != nil {
		return nil, fmt.Errorf("sidecar at %s: %w", c.base.Redacted(), err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, failure(response, content)
	}
	return content, nil
}

// contentOf reads an answer, at once where its length is known.
func contentOf(response *http.Response) ([]byte, error) {
	if n := response.ContentLength; n >= 0 && n <= maxAnswer {
		content := make([]byte, n)
		_, err := io.ReadFull(response.Body, content)
		return content, err
	}
	return io.ReadAll(io.LimitReader(response.Body, maxAnswer))
}

// failure is the error in an answer, or what can be said about one that has none.
func failure(response *http.Response, content []byte) error {
	e := &Error{}
	if json.Unmarshal(content, e) != nil || e.Message == "" {
		text := strings.TrimSpace(string(content[:min(len(content), 200)]))
		e.Message = fmt.Sprintf("%s answered %s: %q (is this a sidecar?)", response.Request.URL.Redacted(),
			response.Status, text)
	}
	e.Status = response.StatusCode
	return e
}

// params makes a query of names and values, leaving out what is empty.
func params(pairs ...string) url.Values {
	query := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			query.Set(pairs[i], pairs[i+1])
		}
	}
	return query
}

func number(n int) string {
	if n <= 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// Prefix is where the API begins.
const Prefix = "/api/v1"
