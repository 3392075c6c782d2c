// Package plugin is the backend of the data source: it asks a sidecar's API and answers with
// data frames.
package plugin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/httpclient"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/concurrent"
	jsoniter "github.com/json-iterator/go"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// ID is the plugin's id. Version is that of the sidecar that it was built with; "dev" if the
// build does not say.
const ID = "flinksidecar-history-datasource"

// Version is set by the build.
var Version = "dev"

// atATime is how many queries of a request are asked for at a time: a sidecar answers four
// lists at a time.
const atATime = 4

// decoder reads the answers of the sidecar. It is that of the SDK: long lists need less than half of the
// time that encoding/json takes.
var decoder = jsoniter.ConfigCompatibleWithStandardLibrary

// Datasource is one configured data source.
type Datasource struct {
	client *api.Client
	// uid is that of the data source, for links to further queries of it. page is the address of
	// the sidecar's page as people reach it.
	uid, page string
	backend.CallResourceHandler
}

// settings are what the configuration editor stores beside address and authentication.
type settings struct {
	// ExternalURL is the address of the sidecar's page as people reach it; empty is the URL.
	ExternalURL string `json:"externalUrl"`
}

// New opens a data source. It asks nothing.
func New(ctx context.Context, s backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	options, err := s.HTTPClientOptions(ctx)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	if token := s.DecryptedSecureJSONData["token"]; token != "" {
		if options.Header == nil {
			options.Header = http.Header{}
		}
		options.Header.Set("Authorization", "Bearer "+token) // beside those of the data source
	}
	options.Timeouts.Timeout = time.Minute
	client, err := httpclient.New(options)
	if err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	sidecar, err := api.NewClient(s.URL, client)
	if err != nil {
		return nil, err
	}
	sidecar.DecodeBy(decoder.Unmarshal)
	var own settings
	if len(s.JSONData) > 0 {
		if err := json.Unmarshal(s.JSONData, &own); err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
	}
	page := strings.TrimRight(own.ExternalURL, "/")
	if page == "" {
		page = strings.TrimRight(s.URL, "/")
	}
	d := &Datasource{client: sidecar, uid: s.UID, page: page}
	d.CallResourceHandler = httpadapter.New(d.resources())
	return d, nil
}

// Dispose has nothing to close: Grafana's HTTP client ends its own connections.
func (d *Datasource) Dispose() {}

// QueryData answers the queries of a request.
func (d *Datasource) QueryData(ctx context.Context, req *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	forAlert := req.Headers["FromAlert"] == "true" // so Grafana marks what an alert rule asks
	return concurrent.QueryData(ctx, req, func(ctx context.Context, q concurrent.Query) backend.DataResponse {
		return d.answer(ctx, q, forAlert)
	}, atATime)
}

func (d *Datasource) answer(ctx context.Context, q concurrent.Query, forAlert bool) backend.DataResponse {
	parsed, err := readQuery(q.DataQuery)
	if err != nil {
		return refused(err)
	}
	parsed.ForAlert = forAlert
	ask, found := queries[parsed.Type]
	if !found {
		return refused(fmt.Errorf("there is no query %q (choose one in the query editor)", parsed.Type))
	}
	frames, err := ask(ctx, d, parsed)
	if err != nil {
		return failed(err)
	}
	for _, f := range frames {
		f.RefID = q.DataQuery.RefID
	}
	return backend.DataResponse{Frames: frames}
}

// queries are all kinds of queries.
var queries = map[string]func(context.Context, *Datasource, query) (data.Frames, error){
	"episodes":     episodes,
	"findings":     findings,
	"table":        table,
	"measurements": measurements,
	"hops":         hops,
	"trends":       trends,
	"profiles":     profiles,
	"records":      records,
	"flamegraph":   flameGraph,
	"diff":         diff,
	"nodegraph":    nodeGraph,
	"annotations":  annotations,
	"logs":         logs,
}
