package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// ErrNotRunning says that no launcher listens in a data directory.
var ErrNotRunning = errors.New("no stack runs")

// Client sends commands to a running launcher.
type Client struct {
	layout Layout
	http   http.Client
}

// NewClient returns a client of the launcher that holds a data directory. It does not
// check whether one runs.
func NewClient(dir string) (*Client, error) {
	layout, err := NewLayout(dir)
	if err != nil {
		return nil, err
	}
	c := &Client{layout: layout}
	c.http.Transport = &http.Transport{DialContext: c.dial, DisableKeepAlives: true}
	return c, nil
}

// dial reaches the socket through its directory, as serveControl does.
func (c *Client) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	dir, err := os.Open(c.layout.Dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	var dialer net.Dialer
	return dialer.DialContext(ctx, "unix", socketIn(dir))
}

// Status returns what the launcher knows of its services.
func (c *Client) Status(ctx context.Context) (Report, error) {
	var report Report
	return report, c.call(ctx, http.MethodGet, "/status", nil, &report)
}

// Start starts a service and returns when it is ready.
func (c *Client) Start(ctx context.Context, service string) (supervisor.Status, error) {
	var status supervisor.Status
	return status, c.call(ctx, http.MethodPost, "/services/"+url.PathEscape(service)+"/start", nil, &status)
}

// Kill sends a signal to a service and, if the signal ends it, waits for the end.
func (c *Client) Kill(ctx context.Context, service, signal string) (supervisor.Status, error) {
	var status supervisor.Status
	path := "/services/" + url.PathEscape(service) + "/kill?signal=" + url.QueryEscape(signal)
	return status, c.call(ctx, http.MethodPost, path, nil, &status)
}

// Submit runs the sample job in place of the running one, and returns its id once all its
// tasks run.
func (c *Client) Submit(ctx context.Context, spec JobSpec) (jobID string, err error) {
	return jobID, c.call(ctx, http.MethodPost, "/submit", spec, &jobID)
}

// SetLoad changes the rate of the background load and returns the earlier rate.
func (c *Client) SetLoad(ctx context.Context, rate float64) (before float64, err error) {
	var change rateChange
	err = c.call(ctx, http.MethodPost, "/load", rateChange{Rate: rate}, &change)
	return change.Rate, err
}

// SetLookupDelay changes how long the customer service takes to answer, and returns the earlier
// delay.
func (c *Client) SetLookupDelay(ctx context.Context, delay time.Duration) (before time.Duration, err error) {
	var change delayChange
	err = c.call(ctx, http.MethodPost, "/lookup", delayChange{Delay: delay}, &change)
	return change.Delay, err
}

// Stop asks the launcher to stop the stack. It returns at once.
func (c *Client) Stop(ctx context.Context) error {
	return c.call(ctx, http.MethodPost, "/stop", nil, nil)
}

// WaitGone waits until no launcher holds the data directory, then ends what a killed
// launcher left running. report is called with each ended service.
func (c *Client) WaitGone(ctx context.Context, report func(service, event string)) error {
	if _, err := os.Stat(c.layout.In(lockName)); errors.Is(err, fs.ErrNotExist) {
		return nil // never was a stack's directory
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		release, err := c.layout.Hold()
		if err == nil {
			defer release()
			return c.layout.Clean(ctx, report)
		}
		var held *HeldError
		if !errors.As(err, &held) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the launcher (pid %d) still runs in %s "+
				"(end it with: kill -9 %d, then run local down again)",
				held.PID, c.layout.Dir, held.PID)
		case <-tick.C:
		}
	}
}

// notRunning says what to do, which depends on how the last launcher ended.
func (c *Client) notRunning() error {
	if left := c.layout.leftovers(); len(left) > 0 {
		return fmt.Errorf("%w in %s, but a killed one left %s (end them with: local down)",
			ErrNotRunning, c.layout.Dir, strings.Join(left, ", "))
	}
	return fmt.Errorf("%w in %s (start one with: local up)", ErrNotRunning, c.layout.Dir)
}

func (c *Client) call(ctx context.Context, method, path string, in, out any) error {
	body := &bytes.Buffer{}
	if in != nil {
		if err := json.NewEncoder(body).Encode(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://launcher"+path, body)
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return c.notRunning()
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		var fault fault
		if err := json.NewDecoder(response.Body).Decode(&fault); err != nil || fault.Error == "" {
			return fmt.Errorf("the launcher answered %s", response.Status)
		}
		return errors.New(fault.Error)
	}
	if out == nil {
		return nil
	}
	return json.NewDecoder(response.Body).Decode(out)
}
