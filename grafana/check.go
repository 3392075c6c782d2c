package grafana

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// Check looks at the server, the token and its right to write annotations. It writes none.
func Check(ctx context.Context, cfg Config) []check.Result {
	found := &check.Results{Area: "grafana"}
	c, err := newClient(cfg)
	if err != nil {
		found.Add("connection", check.Warning, nil, "%v", err)
		return found.All
	}
	defer c.http.CloseIdleConnections()
	var health struct{ Version string }
	if err := c.call(ctx, "asking for its health", http.MethodGet, "/api/health", nil, nil, &health); err != nil {
		found.Add("connection", check.Warning, nil, "%v", err)
		return found.All
	}
	found.Add("connection", check.OK, nil, "Grafana %s at %s", health.Version, cfg.URL)
	c.checkToken(ctx, found)
	c.checkDashboard(ctx, found)
	return found.All
}

// checkDashboard looks whether the configured dashboard exists.
func (c *client) checkDashboard(ctx context.Context, found *check.Results) {
	if c.cfg.DashboardUID == "" {
		return
	}
	switch known, err := c.hasDashboard(ctx); {
	case err != nil:
		found.Add("dashboard", check.Unknown, nil, "%v", err)
	case !known:
		found.Add("dashboard", check.Warning, nil, "dashboard %q does not exist (correct grafana.dashboard_uid, or restore it)",
			c.cfg.DashboardUID)
	default:
		found.Add("dashboard", check.OK, nil, "dashboard %q exists", c.cfg.DashboardUID)
	}
}

// checkToken asks for annotations, and then for the permissions of the token.
func (c *client) checkToken(ctx context.Context, found *check.Results) {
	op, one := "reading annotations", url.Values{"limit": {"1"}}
	if err := c.call(ctx, op, http.MethodGet, "/api/annotations", one, nil, nil); err != nil {
		found.Add("token", check.Warning, nil, "%v", err)
		return
	}
	var may map[string][]string
	err := c.call(ctx, "reading permissions", http.MethodGet, "/api/access-control/user/permissions", nil, nil, &may)
	switch {
	case err != nil && !errors.Is(err, ErrAuth):
		found.Add("role", check.Unknown, nil, "the token reads annotations; Grafana does not tell whether it may write them")
	case len(may["annotations:create"]) == 0 || len(may["annotations:write"]) == 0:
		found.Add("role", check.Warning, nil,
			"the token may not write annotations (give its service account the role Editor, at %s/org/serviceaccounts)", c.cfg.URL)
	default:
		found.Add("role", check.OK, nil, "the token may write annotations")
	}
}
