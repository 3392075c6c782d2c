// Package pyroscope sends profiles to a Pyroscope server, so that the profiles of many
// jobs are in one place.
package pyroscope

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Sender sends profiles to a Pyroscope server, one after the other and in the background:
// a slow or unreachable server delays no episode, and a profile that was not sent is
// still in the store of pages. It is a prometheus.Collector of its results.
type Sender struct {
	cfg    Config
	http   *http.Client
	log    *slog.Logger
	queue  chan pushed
	pushes *prometheus.CounterVec
	// Sleep waits for d or until ctx ends, unless a test sets it.
	Sleep func(ctx context.Context, d time.Duration) error
}

type pushed struct {
	job     episode.JobRef
	profile episode.Profile
	tree    *flame.Tree
}

// maxText bounds a text from outside in a message, in characters.
const maxText = 300

const (
	// waitingPushes is how many profiles may wait to be sent: more than a day's, unless
	// per_day is raised.
	waitingPushes = 32
	// attempts is how often a profile is sent; the pauses in between double.
	attempts     = 4
	firstPause   = 5 * time.Second
	longestPause = time.Minute
)

// Results of a push.
const (
	pushDone    = "pushed"
	pushFailed  = "failed"
	pushDropped = "dropped"
)

// New returns a sender for a valid configuration. It sends nothing before
// Run.
func New(cfg Config, log *slog.Logger) (*Sender, error) {
	client, err := commoncfg.NewClientFromConfig(cfg.HTTP, "pyroscope")
	if err != nil {
		return nil, fmt.Errorf("profiling.pyroscope.http: %w (correct it)", err)
	}
	if cfg.HTTP.FollowRedirects {
		client.CheckRedirect = redirect.SameHost
	}
	p := &Sender{
		cfg: cfg, http: client, log: log.With("component", "pyroscope"), queue: make(chan pushed, waitingPushes),
		Sleep: wait.For,
		pushes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_profile_pushes_total",
			Help: "Profiles for Pyroscope by result; dropped means that too many were waiting.",
		}, []string{"result"}),
	}
	for _, result := range []string{pushDone, pushFailed, pushDropped} {
		p.pushes.WithLabelValues(result)
	}
	return p, nil
}

// Describe implements prometheus.Collector.
func (p *Sender) Describe(ch chan<- *prometheus.Desc) { p.pushes.Describe(ch) }

// Collect implements prometheus.Collector.
func (p *Sender) Collect(ch chan<- prometheus.Metric) { p.pushes.Collect(ch) }

// Push queues a profile. It does not wait. Samples of one vertex are not sent: they are
// thread samples of Flink, of no kind that Pyroscope knows.
func (p *Sender) Push(job episode.JobRef, profile episode.Profile, tree *flame.Tree) {
	if kindOf(profile.Mode) == "" {
		return
	}
	select {
	case p.queue <- pushed{job, profile, tree}:
	default:
		p.pushes.WithLabelValues(pushDropped).Inc()
		p.log.Warn("Profile not sent to Pyroscope: too many are waiting (check why the server does not answer)",
			"profile", profile.ID)
	}
}

// Run sends the queued profiles until ctx ends, and then returns nil.
func (p *Sender) Run(ctx context.Context) error {
	defer p.http.CloseIdleConnections()
	for {
		select {
		case <-ctx.Done():
			return nil
		case one := <-p.queue:
			p.deliver(ctx, one)
		}
	}
}

// deliver sends a profile, several times if the server does not answer.
func (p *Sender) deliver(ctx context.Context, one pushed) {
	pauses := wait.Backoff(firstPause, longestPause)
	var err error
	for attempt := range attempts {
		if attempt > 0 {
			if p.Sleep(ctx, pauses.NextBackOff()) != nil {
				return
			}
		}
		if err = p.send(ctx, one); err == nil {
			p.pushes.WithLabelValues(pushDone).Inc()
			return
		}
		if errors.Is(err, errNotWanted) {
			break
		}
	}
	p.pushes.WithLabelValues(pushFailed).Inc()
	p.log.Warn("Profile not sent to Pyroscope", "profile", one.profile.ID, "err", err)
}

// errNotWanted is an answer that another attempt would not change.
var errNotWanted = errors.New("rejected by Pyroscope")

// send is one request of the ingest API, see
// https://grafana.com/docs/pyroscope/latest/configure-server/about-server-api/. The body
// is collapsed stacks, which have no unit of their own.
func (p *Sender) send(ctx context.Context, one pushed) error {
	var body bytes.Buffer
	if err := one.tree.WriteCollapsed(&body); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(p.cfg.Timeout))
	defer cancel()
	target := strings.TrimRight(p.cfg.URL, "/") + "/ingest?" + p.query(one).Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "text/plain")
	resp, err := p.http.Do(req)
	if err != nil {
		return fmt.Errorf("%w (see profiling.pyroscope.url)", err)
	}
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, maxCause)) // best effort: the status decides
	if err := resp.Body.Close(); err != nil {
		return err
	}
	switch {
	case resp.StatusCode/100 == 2:
		return nil
	case resp.StatusCode/100 == 4 && resp.StatusCode != http.StatusTooManyRequests:
		return fmt.Errorf("%w: %s: %s (see profiling.pyroscope.http, and the server's log)", errNotWanted,
			resp.Status, plaintext.Line(string(answer), maxText))
	}
	return fmt.Errorf("%s: %s (see the server's log)", resp.Status, plaintext.Line(string(answer), maxText))
}

// maxCause bounds how much of an answer is read.
const maxCause = 512

// samplesPerSecond is async-profiler's default rate for a thread, which Flink does not
// change: every 10 ms.
const samplesPerSecond = 100

func (p *Sender) query(one pushed) url.Values {
	labels := []string{
		"cluster=" + tagValue(one.job.Cluster), "job=" + tagValue(one.job.Job),
		"process=" + tagValue(one.profile.Process),
	}
	if one.profile.Role != "" {
		labels = append(labels, "role="+string(one.profile.Role))
	}
	return url.Values{
		"name":            {p.cfg.App + "." + kindOf(one.profile.Mode) + "{" + strings.Join(labels, ",") + "}"},
		"from":            {strconv.FormatInt(one.profile.Taken.Unix(), 10)},
		"until":           {strconv.FormatInt(one.profile.Taken.Add(one.profile.Duration).Unix(), 10)},
		"format":          {"folded"},
		"sampleRate":      {strconv.Itoa(samplesPerSecond)},
		"spyName":         {"flink-sidecar"},
		"units":           {unitOf(one.profile.Mode)},
		"aggregationType": {"sum"},
	}
}

// kindOf is Pyroscope's name of a mode of async-profiler; empty for an unknown mode.
func kindOf(mode string) string {
	switch flame.Mode(mode) {
	case flame.ITIMER:
		return "itimer"
	case flame.CPU:
		return "cpu"
	case flame.Wall:
		return "wall"
	case flame.Alloc:
		return "alloc_in_new_tlab_objects"
	case flame.Lock:
		return "lock_count"
	}
	return ""
}

func unitOf(mode string) string {
	switch flame.Mode(mode) {
	case flame.Alloc:
		return "objects"
	case flame.Lock:
		return "lock_samples"
	}
	return "samples"
}

// tagValue makes a text valid in Pyroscope's notation of labels, which has no quoting.
func tagValue(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`{},="`, r) {
			return '_'
		}
		return r
	}, strings.TrimSpace(strings.ToValidUTF8(text, "_")))
}
