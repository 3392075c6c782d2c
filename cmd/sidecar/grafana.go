package main

import (
	"cmp"
	"context"
	"fmt"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/alerts/promrules"
	"github.com/flink-sidecar/flink-sidecar/grafana/provisioning"
)

const grafanaExportHelp = `Write dashboards and provisioning files for Grafana into a directory.

What is there under the same names is replaced.

Examples:

  sidecar grafana export --output=grafana --datasource=prometheus
  sidecar grafana export --output=/etc/flink-sidecar/grafana --prometheus.url=http://prometheus:9090`

func grafanaExportCommand(clause *kingpin.CmdClause) action {
	var o provisioning.Options
	output := clause.Flag("output", "The directory.").Required().PlaceHolder("DIR").String()
	clause.Flag("datasource", "UID of the Prometheus data source in Grafana.").
		Default(provisioning.DefaultDataSource).StringVar(&o.DataSource)
	clause.Flag("prometheus.url", "Address of a Prometheus: provisions the data source too.").
		PlaceHolder("URL").StringVar(&o.PrometheusURL)
	clause.Flag("history.url", "Address of the sidecar: provisions the plugin's data source too.").
		PlaceHolder("URL").StringVar(&o.HistoryURL)
	clause.Flag("external-url", "Address of the sidecar's page, as people and Grafana reach it. Default: web.external_url, "+
		"else "+provisioning.DefaultPage+".").PlaceHolder("URL").StringVar(&o.Page)
	clause.Flag("dashboards-path", "Where Grafana finds the dashboards. Default: where they are written.").
		PlaceHolder("DIR").StringVar(&o.DashboardsPath)
	trends := clause.Flag("trend-rules", "Write the trend rules of the configuration too, for Grafana to evaluate.").Bool()
	flags := &configFlags{}
	clause.Flag("config.file", "Configuration file, for web.external_url, the token of the webhook and the trend rules. "+
		"Default: sidecar.yml in the working directory, if it exists.").StringVar(&flags.file)
	return func(_ context.Context, c console) error {
		flags.over.NoFlink = true
		cfg, err := flags.load()
		if err != nil {
			return err
		}
		o.Page = cmp.Or(o.Page, cfg.Web.ExternalURL)
		o.WebhookTokenFile = cfg.Alerts.Webhook.TokenFile
		if *trends {
			if o.Trends, err = promrules.Grafana(cfg.Alerts, cfg.ProbedJob(), o.DataSource); err != nil {
				return err
			}
		}
		written, err := provisioning.Write(*output, o)
		for _, file := range written {
			fmt.Fprintln(c.stdout, file)
		}
		return err
	}
}
