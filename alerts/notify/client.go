package notify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// Alert is one alert for Alertmanager. Alerts with equal labels are the same alert.
type Alert struct {
	// Labels identify it. "alertname" is needed; the sender adds "origin" and the labels of
	// the configuration.
	Labels map[string]string
	// Annotations are for people; they may change while it fires.
	Annotations map[string]string
	StartsAt    time.Time
	// EndsAt is when it is over; zero while it fires.
	EndsAt time.Time
	// Stands is how long it fires after the last request about it; 0 is four times
	// Alertmanager.Repeat.
	Stands time.Duration
	// Page is the address of a page about it; empty for none.
	Page string
}

// Origin is the value of the label origin. The webhook drops alerts that have it.
const Origin = "flink-sidecar"

// posted is an alert as the API takes it: postableAlert of Alertmanager's openapi.yaml.
type posted struct {
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
	StartsAt     time.Time         `json:"startsAt"`
	EndsAt       time.Time         `json:"endsAt"`
	GeneratorURL string            `json:"generatorURL,omitempty"`
}

// missedRepeats is after how many requests that do not come an alert ends, as in Prometheus.
const missedRepeats = 4

// maxText bounds each label and annotation in bytes: people read them in a message.
const maxText = 2000

// post is what is sent about an alert now.
func (c *client) post(a Alert, now time.Time) posted {
	p := posted{Labels: map[string]string{}, Annotations: map[string]string{}, StartsAt: a.StartsAt, EndsAt: a.EndsAt}
	maps.Copy(p.Labels, c.cfg.Labels)
	for name, value := range a.Labels {
		if value != "" { // an empty label is none
			p.Labels[name] = text(value)
		}
	}
	p.Labels["origin"] = Origin
	for name, value := range a.Annotations {
		p.Annotations[name] = text(value)
	}
	if a.EndsAt.IsZero() {
		stands := a.Stands
		if stands == 0 {
			stands = missedRepeats * time.Duration(c.cfg.Repeat)
		}
		p.EndsAt = now.Add(stands)
	}
	if u, err := url.Parse(a.Page); err == nil && u.Host != "" {
		p.GeneratorURL = a.Page
	}
	return p
}

// text makes a text valid and short. Its lines stay.
func text(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxText {
		return s
	}
	end := maxText
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// client makes requests.
type client struct {
	cfg  Alertmanager
	http *http.Client
}

func newClient(cfg Alertmanager) (*client, error) {
	c, err := commoncfg.NewClientFromConfig(cfg.HTTP, "alertmanager")
	if err != nil {
		return nil, fmt.Errorf("notify.alertmanager.http: %w (correct it)", err)
	}
	c.CheckRedirect = redirect.Refuse
	return &client{cfg: cfg, http: c}, nil
}

// send gives alerts to all members. It fails if none takes them: members tell each other
// about notifications, but not about alerts.
func (c *client) send(ctx context.Context, alerts []posted) error {
	body, err := json.Marshal(alerts)
	if err != nil {
		return err
	}
	return c.any(func(root string) error { return c.ask(ctx, http.MethodPost, root+"/api/v2/alerts", body) })
}

// reach fails if no member answers.
func (c *client) reach(ctx context.Context) error {
	return c.any(func(root string) error { return c.ask(ctx, http.MethodGet, root+"/api/v2/status", nil) })
}

// any does something with all members, and fails if it fails with each.
func (c *client) any(do func(root string) error) error {
	var failures []error
	for _, root := range c.cfg.URLs {
		if err := do(strings.TrimRight(root, "/")); err != nil {
			failures = append(failures, err)
		}
	}
	if len(failures) < len(c.cfg.URLs) {
		return nil
	}
	return errors.Join(failures...)
}

// maxMessage is how much of an answer is read and repeated, in bytes.
const maxMessage = 500

func (c *client) ask(ctx context.Context, method, address string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, time.Duration(c.cfg.Timeout))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("alertmanager: %w (start it, or correct notify.alertmanager.urls)", err)
	}
	defer answer.Body.Close()
	// The status says enough if the message cannot be read.
	message, _ := io.ReadAll(io.LimitReader(answer.Body, maxMessage))
	if answer.StatusCode == http.StatusOK {
		return nil
	}
	root, _, _ := strings.Cut(address, "/api/v2/")
	return fmt.Errorf("alertmanager: %s answers with status %d: %s (%s)", root, answer.StatusCode,
		plaintext.Line(string(message), maxMessage), hint(answer.StatusCode))
}

// hint is what to do about an answer.
func hint(status int) string {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return "correct notify.alertmanager.http"
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return "correct notify.alertmanager.urls: it is not the root of an Alertmanager from 0.16 on"
	case http.StatusBadRequest:
		return "correct notify.alertmanager.labels"
	}
	return "it is sent again"
}
