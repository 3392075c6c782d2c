package app

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/annotations"
	"github.com/flink-sidecar/flink-sidecar/internal/notices"
)

func (a *App) openEvaluations() error {
	a.evaluations = &notices.Evaluations{
		Store: a.store, Sender: a.sender, Annotations: a.annotations, GoesOn: !a.options.OnDemand, Page: a.pageURL(),
		Log: a.log,
	}
	if a.options.OnDemand {
		a.evaluations.FiresFor = time.Duration(a.cfg.Evaluate.Repeat)
	}
	a.registry.MustRegister(a.evaluations)
	return a.evaluations.Restore()
}

func (a *App) outgoing() notices.Outgoing {
	return notices.Outgoing{Sender: a.sender, Page: a.pageURL()}
}

// openNotices opens what tells others of the sidecar's results.
func (a *App) openNotices() (err error) {
	if a.cfg.Notify != nil {
		if a.sender, err = notify.New(*a.cfg.Notify.Alertmanager, a.log); err != nil {
			return err
		}
		a.closers.add("notify", func() error { a.sender.Close(); return nil })
		a.registry.MustRegister(a.sender)
	}
	if a.cfg.Grafana == nil {
		return nil
	}
	if a.notifier, err = grafana.New(*a.cfg.Grafana, a.log); err != nil {
		return err
	}
	a.closers.add("grafana", func() error { a.notifier.Close(); return nil })
	for _, c := range a.clusters {
		a.notifier.Clusters = append(a.notifier.Clusters, c.Name())
	}
	a.registry.MustRegister(a.notifier.Collector())
	a.annotations = annotations.New(a.notifier, a.store, a.pageURL(), a.log)
	return nil
}
