package notify

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// ourName is in the name of a receiver that sends to the sidecar. Alertmanager from 0.26 on shows
// <secret> in place of each address, so that the name is all there is.
const ourName = "flink-sidecar"

// routing is what counts of Alertmanager's configuration.
type routing struct {
	Route     route
	Receivers []receiver
}

type route struct {
	Receiver string
	Routes   []route
}

type receiver struct {
	Name     string
	Webhooks []struct {
		URL string
	} `yaml:"webhook_configs"`
}

// names reports whether the route or one below it has the receiver.
func (r route) names(receiver string) bool {
	return r.Receiver == receiver || slices.ContainsFunc(r.Routes, func(below route) bool { return below.names(receiver) })
}

// sendsHere reports whether the address of a webhook is shown and is ours.
func (r receiver) sendsHere() bool {
	for _, hook := range r.Webhooks {
		if u, err := url.Parse(hook.URL); err == nil && strings.HasSuffix(u.Path, WebhookPath) {
			return true
		}
	}
	return false
}

// hides reports whether the receiver has a webhook with an address that is not shown, or is in a file.
func (r receiver) hides() bool {
	for _, hook := range r.Webhooks {
		if u, err := url.Parse(hook.URL); err != nil || u.Host == "" {
			return true
		}
	}
	return false
}

// The places of the lines that repair Alertmanager's configuration.
const (
	inReceivers = "Alertmanager's configuration, below receivers"
	inRoutes    = "Alertmanager's configuration, below routes of route"
)

// judge says whether a configuration of Alertmanager sends its alerts to the webhook.
func (w Webhook) judge(text string, found *check.Results) {
	var all routing
	if err := yaml.Unmarshal([]byte(text), &all); err != nil {
		found.Add("webhook", check.Unknown, nil, "its configuration cannot be read")
		return
	}
	hiding := slices.DeleteFunc(slices.Clone(all.Receivers), func(r receiver) bool { return !r.hides() })
	if i := slices.IndexFunc(all.Receivers, receiver.sendsHere); i >= 0 {
		routed(all, all.Receivers[i].Name, "sends to the sidecar", found)
		return
	}
	named := slices.IndexFunc(hiding, func(r receiver) bool { return strings.Contains(r.Name, ourName) })
	switch {
	case len(hiding) == 0:
		found.Add("webhook", check.Warning, &check.Fix{In: inReceivers, Line: w.receiver()},
			"no receiver has a webhook, so its alerts open no episode")
	case named >= 0:
		routed(all, hiding[named].Name, "is the sidecar's by its name (Alertmanager hides its address)", found)
	case !w.Arrived.IsZero():
		found.Add("webhook", check.OK, nil, "the webhook took alerts at %s", w.Arrived.UTC().Format(time.RFC3339))
	default:
		found.Add("webhook", check.Unknown, nil, "Alertmanager hides the addresses of its webhooks (name the receiver of the "+
			"sidecar %s, or see whether flink_sidecar_webhook_requests_total grows)", ourName)
	}
}

// routed says whether a route leads to a receiver of ours.
func routed(all routing, name, says string, found *check.Results) {
	shown := plaintext.Line(name, 100)
	if all.Route.names(name) {
		found.Add("webhook", check.OK, nil, "receiver %q %s", shown, says)
		return
	}
	line := fmt.Sprintf("- {receiver: %q, matchers: ['cluster=~\".+\"', 'job=~\".+\"'], continue: true}", name)
	found.Add("webhook", check.Warning, &check.Fix{In: inRoutes, Line: line}, "receiver %q %s, but no route leads to it", shown, says)
}

// receiver is the line of a receiver that sends to the webhook.
func (w Webhook) receiver() string {
	authorization := ""
	if w.TokenFile != "" {
		authorization = fmt.Sprintf(", http_config: {authorization: {credentials_file: %q}}", w.TokenFile)
	}
	return fmt.Sprintf("- {name: %s, webhook_configs: [{url: %q%s}]}", ourName, w.URL, authorization)
}
