// Package notify sends alerts to Alertmanager (API v2).
//
//	sender := notify.New(cfg, log)
//	sender.Fire(key, alert)     // again with the same key: replaced
//	sender.Resolve(key, at)
//	sender.Run(ctx)             // repeats them
//
// Alertmanager keeps an alert only until its end, which each request moves on. The sender
// therefore repeats every alert that fires, with the same labels, and one that is resolved
// for another quarter of an hour, as Prometheus does. A sidecar that dies takes its alerts
// with it: they end by themselves.
//
// Every alert has the label origin="flink-sidecar". The webhook of the sidecar drops such
// alerts, so that it does not react to itself.
package notify
