package routes

import (
	"net/http"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

// maxMeasurements bounds how many measurements a table of epochs is made of: half a year of
// one job.
const maxMeasurements = 260_000

// ProductionTable is the table "What changed?" of epochs of production, from the one that
// since names ([production.Find]). block is the length of a block, for example "30m"; empty is
// the default. The error is an [*Error] if there is no such epoch.
func ProductionTable(from Measurements, of episode.JobRef, since, block string) (outcome.Table, error) {
	length, err := blockLength(block)
	if err != nil {
		return outcome.Table{}, err
	}
	epochs, err := from.Epochs(of, maxLimit)
	if err != nil {
		return outcome.Table{}, err
	}
	found, err := production.Find(epochs, since)
	if err != nil {
		return outcome.Table{}, refusal(http.StatusNotFound, err.Error())
	}
	ms, err := measurementsSince(from, found[0].JobRef(), found[0].Began)
	if err != nil {
		return outcome.Table{}, err
	}
	return production.Table(found, ms, length), nil
}

// measurementsSince reads the measurements of a job, newest first.
func measurementsSince(from Measurements, of episode.JobRef, began time.Time) (out []episode.Measurement, err error) {
	err = eachMeasurement(from, of, began, func(m episode.Measurement) {
		m.Accounts = nil // the largest part, and not needed
		out = append(out, m)
	})
	return out, err
}

// eachMeasurement calls do with each measurement of a job, newest first.
func eachMeasurement(from Measurements, of episode.JobRef, began time.Time, do func(episode.Measurement)) error {
	for before, read := "", 0; read < maxMeasurements; {
		page, err := from.Measurements(of, before, began, time.Time{}, maxLimit)
		if err != nil {
			return err
		}
		for _, m := range page {
			do(m)
		}
		if len(page) < maxLimit {
			break
		}
		before, read = page[len(page)-1].ID, read+len(page)
	}
	return nil
}
