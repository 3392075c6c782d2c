package collector

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/collector/successive"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// Collector polls one JobManager. It is a prometheus.Collector of the results and of its
// own metrics; a scrape never waits for Flink.
type Collector struct {
	// Now returns the time; it is time.Now unless a test sets another clock.
	Now func() time.Time
	// Settle is how long a poll waits for Flink to fetch from all processes; [flink.SettleTime], except
	// beside a Flink that needs no time.
	Settle time.Duration
	// OnEpoch, if not nil, is called at the end of a poll for each job whose epoch became
	// known, began, or continues at another scale. It must not block. Set it before Run.
	OnEpoch func(episode.Epoch)
	// Recall, if not nil, returns the last recorded epoch of a job, and false if there is
	// none. It is called once for each job, before OnEpoch, and must be quick. Set it
	// before Run.
	Recall func(job string) (last episode.Epoch, known bool)
	// OnPoll, if not nil, is called at the end of each successful poll, when its results
	// can be read. It must not block. Set it before Run.
	OnPoll func()

	cfg      Config
	input    backlog.Topic
	client   *flink.Client
	logger   *slog.Logger
	renderer *exposition.Renderer
	index    *metricnames.Index // its user rules belong to the polling goroutine
	self     *self

	// Only the polling goroutine touches these.
	polls         int // how many polls were begun
	staleness     successive.Staleness
	runningTotals successive.RunningTotals
	pauses        successive.Pauses
	runs          map[string]*run              // by job id
	listed        map[string]listedJob         // by job name
	version       string                       // as last logged
	problem       string                       // as last logged
	shadows       map[string]struct{}          // ids of jobs hidden behind another of their name
	shown         map[string]map[string]string // values of settings of the present epoch, by job name

	mu     sync.Mutex // guards what follows
	last   pollResult
	up     bool
	reason string
	epochs map[string]episode.Epoch // by job name
}

// New returns a collector for a valid configuration. It sends no request yet.
func New(cfg Config, client *flink.Client, logger *slog.Logger) *Collector {
	c := &Collector{
		Now:      time.Now,
		Settle:   flink.SettleTime,
		cfg:      cfg,
		client:   client,
		logger:   logger.With("component", "collector", "cluster", client.Cluster()),
		renderer: exposition.New(exposition.Limits{Series: cfg.MaxSeries, User: cfg.MaxUserSeries}),
		index:    metricnames.NewIndex(cfg.UserMetrics),
		self:     newSelf(client.Cluster()),
		runs:     map[string]*run{},
		listed:   map[string]listedJob{},
		shadows:  map[string]struct{}{},
		shown:    map[string]map[string]string{},
		epochs:   map[string]episode.Epoch{},
	}
	c.last.page = c.renderer.Render(client.Cluster(), c.last.view())
	c.self.interval.Set(time.Duration(cfg.PollInterval).Seconds())
	return c
}

// SetInput tells where the source of a job reads, so that what waits there is known also
// while the source does not look. It must be called before Run.
func (c *Collector) SetInput(input backlog.Topic) { c.input = input }

// Run polls until ctx ends, and then returns nil. A failed poll is reported to the log,
// the metrics and Up, and the next one tries again.
func (c *Collector) Run(ctx context.Context) error {
	for {
		began := time.Now()
		// poll reports the failure itself; only the time that Flink worked matters here.
		work, _ := c.poll(ctx)
		interval := pace(time.Duration(c.cfg.PollInterval), work)
		c.self.interval.Set(interval.Seconds())
		if wait.For(ctx, interval-time.Since(began)) != nil {
			return nil
		}
	}
}

// Poll reads Flink once. Run polls on its own clock; Poll is for a command that needs a
// single reading. They must not run at the same time.
func (c *Collector) Poll(ctx context.Context) error {
	_, err := c.poll(ctx)
	return err
}

// Pacing: polling may take a quarter of the time. The rest between polls is at most half
// a minute, so that the recovery of a hung JobManager is noticed soon, and a poll starts
// at least every five minutes.
const (
	restFactor  = 4
	maxRest     = 30 * time.Second
	maxInterval = 5 * time.Minute
)

// pace is the time from the start of a poll to the start of the next, given how long
// Flink took to answer: the configured interval, or longer if the JobManager is slow.
func pace(interval, work time.Duration) time.Duration {
	return max(interval, min(restFactor*work, work+maxRest, maxInterval))
}

// Describe implements prometheus.Collector. It omits the families of user metrics, which
// are known only when Flink has listed their names.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, f := range append(c.renderer.All(), c.index.Families...) {
		ch <- f.Desc
	}
	c.self.describe(ch)
}

// Collect implements prometheus.Collector. It sends the page of the last poll or, when
// that is too old, only the names of what is missing.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	last, withdrawn := c.collectPage(ch, nil)
	c.self.collect(ch, last, c.asked(), c.Now(), withdrawn)
}

// collectPage sends the series that are wanted of the last poll, unless it is too old.
func (c *Collector) collectPage(ch chan<- prometheus.Metric, wanted func(name string) bool) (last pollResult, old bool) {
	last, old = c.current()
	if !old {
		for metric := range last.page.Metrics(wanted) {
			ch <- metric
		}
	}
	return last, old
}
