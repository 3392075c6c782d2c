package doctor

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// timed is a server that tells its time: in the header Date of any answer, or as a number of
// seconds in the body of the one from path.
type timed struct {
	area, url, path string
	http            commoncfg.HTTPClientConfig
	// wrong is what a wrong clock does.
	wrong string
}

// clocks compares the clocks of the servers with ours. The JobManager's is checked with its job.
// Kafka tells no time.
func (d *doctor) clocks(ctx context.Context) []check.Result {
	servers := d.timed()
	found := make([][]check.Result, len(servers))
	var group sync.WaitGroup
	for i, server := range servers {
		group.Go(func() { found[i] = d.compare(ctx, server) })
	}
	group.Wait()
	var all []check.Result
	for _, results := range found {
		all = append(all, results...)
	}
	return all
}

// timed are the servers of the configuration. An LLM is not asked by the running sidecar.
func (d *doctor) timed() []timed {
	var all []timed
	if cfg := d.cfg.Elasticsearch; cfg != nil && len(cfg.URLs) > 0 {
		all = append(all, timed{
			area: "elasticsearch", url: cfg.URLs[0], path: "/_cat/health?h=epoch", http: cfg.HTTP,
			wrong: "the hop indexed is wrong where the index stamps its documents",
		})
	}
	if cfg := d.cfg.Grafana; cfg != nil {
		all = append(all, timed{
			area: "grafana", url: cfg.URL, path: "/api/health", http: cfg.HTTP, wrong: "\"now\" of its panels is another one than ours",
		})
	}
	members, _ := d.members()
	for _, url := range members.URLs {
		all = append(all, timed{
			area: "alertmanager", url: url, path: "/-/healthy", http: members.HTTP,
			wrong: "it ends our alerts too early or too late",
		})
	}
	if d.cfg.Advisor.Provider == advisor.ProviderOpenAI && !d.options.Running {
		cfg := d.cfg.Advisor.OpenAI
		all = append(all, timed{area: "llm", url: cfg.BaseURL, http: cfg.HTTP, wrong: "the times in its log are not ours"})
	}
	return all
}

// setClock sets a clock by the network. Which of the two is wrong, only a person sees.
var setClock = &check.Fix{In: "a shell on the machine with the wrong clock", Line: "timedatectl set-ntp true"}

// clockTimeout bounds the question for the time.
const clockTimeout = 10 * time.Second

// compare asks a server for its time. One that does not answer has no result: the check of its
// connection says so.
func (d *doctor) compare(ctx context.Context, server timed) []check.Result {
	ctx, cancel := context.WithTimeout(ctx, clockTimeout)
	defer cancel()
	client, err := d.client(server)
	if err != nil {
		return nil
	}
	defer client.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(server.url, "/")+server.path, nil)
	if err != nil {
		return nil
	}
	asked := d.options.Now()
	response, err := client.Do(request)
	answered := d.options.Now()
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	found := &check.Results{Area: server.area, Of: server.url}
	at, known := timeOf(response)
	switch offset := offset(at, asked, answered); {
	case !known:
		found.Add("clock", check.Unknown, nil, "it does not tell its time")
	case offset.Abs() > maxSkew:
		found.Add("clock", check.Warning, setClock, "its clock is at least %s off ours: %s",
			offset.Round(time.Second), server.wrong)
	default:
		found.Add("clock", check.OK, nil, "its clock is within %s of ours, as far as a second shows", maxSkew)
	}
	return found.All
}

func (d *doctor) client(server timed) (*http.Client, error) {
	var options []commoncfg.HTTPClientOption
	if d.options.Dial != nil {
		options = append(options, commoncfg.WithDialContextFunc(commoncfg.DialContextFunc(d.options.Dial)))
	}
	client, err := commoncfg.NewClientFromConfig(server.http, server.area, options...)
	if err == nil {
		client.CheckRedirect = redirect.Refuse
	}
	return client, err
}

// timeOf is the time of an answer, to the second below.
func timeOf(response *http.Response) (at time.Time, known bool) {
	if text, err := io.ReadAll(io.LimitReader(response.Body, 64)); err == nil && response.StatusCode == http.StatusOK {
		if seconds, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			return time.Unix(seconds, 0), true
		}
	}
	at, err := http.ParseTime(response.Header.Get("Date"))
	return at, err == nil
}

// offset is how far another clock is at least ahead of ours, negative if it is behind. It showed at
// between asked and answered, and a second begins at at.
func offset(at, asked, answered time.Time) time.Duration {
	if ahead := at.Sub(answered); ahead > 0 {
		return ahead
	}
	return min(0, at.Add(time.Second).Sub(asked))
}
