package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// histories measures a large history: its lists, its writes beside bare bbolt, its size, and a
// sidecar that starts with it.
type histories struct {
	program    string
	episodes   int
	iterations int
	// output is the file for the figures; empty for none.
	output string
	// onlyLists measures the lists only, which need no quiet machine: they are CPU times. The other
	// figures stay as they are in output.
	onlyLists bool
}

// historyFigures are what is measured. Sizes are in bytes.
type historyFigures struct {
	Date       string `json:"date"`
	Load       string `json:"load"`
	Episodes   int    `json:"episodes"`
	Iterations int    `json:"iterations"`
	// EpisodeBytes and IterationBytes are what the file grows by for each.
	FileBytes      int64 `json:"file_bytes"`
	EpisodeBytes   int64 `json:"episode_bytes"`
	IterationBytes int64 `json:"iteration_bytes"`
	// ListsDate and ListsLoad are those of the lists.
	ListsDate string `json:"lists_date"`
	ListsLoad string `json:"lists_load"`
	// Lists are the CPU time of reads, Writes the duration of the product's writes and of those of
	// bare bbolt.
	Lists  []spread `json:"lists"`
	Writes []spread `json:"writes"`
	// Starts are from the start of the process to its first answers.
	Starts []spread `json:"starts"`
}

// spread summarizes durations, in nanoseconds. P99 of less than a hundred is the longest.
type spread struct {
	Name   string        `json:"name"`
	Count  int           `json:"count"`
	Median time.Duration `json:"median_ns"`
	P99    time.Duration `json:"p99_ns"`
}

func spreadOf(name string, took []time.Duration) spread {
	slices.Sort(took)
	return spread{Name: name, Count: len(took), Median: median(took), P99: took[len(took)*99/100]}
}

func (h *histories) measure(ctx context.Context, _ string) (err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "history.db")
	figures, err := h.before()
	if err != nil {
		return err
	}
	began := time.Now()
	if err := h.fill(ctx, path, &figures); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "the history was made in %s\n", time.Since(began).Round(time.Second))
	if err := h.readAndWrite(ctx, path, &figures); err != nil {
		return err
	}
	if !h.onlyLists {
		if figures.Starts, err = h.starts(ctx, dir, path); err != nil {
			return err
		}
	}
	fmt.Print(figures.markdown())
	return writeFigures(h.output, figures)
}

// before are the figures before anything is measured.
func (h *histories) before() (figures historyFigures, err error) {
	today, now := time.Now().UTC().Format(time.DateOnly), load()
	if h.onlyLists {
		var text []byte
		if text, err = os.ReadFile(h.output); err != nil {
			return figures, fmt.Errorf("the other figures: %w (measure all once, with --output)", err)
		}
		err = json.Unmarshal(text, &figures)
		figures.Lists = nil
	} else {
		figures.Date, figures.Load = today, now
	}
	figures.ListsDate, figures.ListsLoad, figures.Episodes, figures.Iterations = today, now, h.episodes, h.iterations
	return figures, err
}

// writeFigures writes figures as JSON, unless the file has no name.
func writeFigures(file string, figures any) error {
	if file == "" {
		return nil
	}
	text, err := json.MarshalIndent(figures, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o600)
}

func configOf(path string) history.Config {
	return history.Config{Path: path, Retention: model.Duration(10 * 365 * 24 * time.Hour)}
}

func openHistory(ctx context.Context, path string) (*history.Store, error) {
	return history.Open(ctx, configOf(path), slog.New(slog.DiscardHandler))
}

// fill makes the history in memory, where no write waits for a disk, and copies it to path.
func (h *histories) fill(ctx context.Context, path string, figures *historyFigures) (err error) {
	memory, err := os.MkdirTemp("/dev/shm", "bench")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(memory)) }()
	draft := filepath.Join(memory, "history.db")
	store, err := openHistory(ctx, draft)
	if err != nil {
		return err
	}
	past := pastOf(h.episodes, h.iterations)
	steps := []func(*history.Store) error{past.putEpisodes, past.putScaleTests, past.putMeasurements}
	sizes := make([]int64, len(steps))
	for i, put := range steps {
		if err = put(store); err != nil {
			return errors.Join(err, store.Close())
		}
		info, err := os.Stat(draft)
		if err != nil {
			return errors.Join(err, store.Close())
		}
		sizes[i] = info.Size()
	}
	figures.EpisodeBytes = sizes[0] / int64(h.episodes)
	figures.IterationBytes = (sizes[1] - sizes[0]) / int64(h.iterations)
	if err := store.Close(); err != nil {
		return err
	}
	content, err := os.Open(draft)
	if err != nil {
		return err
	}
	defer content.Close()
	copied, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	figures.FileBytes, err = io.Copy(copied, content)
	return errors.Join(err, copied.Sync(), copied.Close())
}

// readAndWrite measures lists and writes in the history on the disk.
func (h *histories) readAndWrite(ctx context.Context, path string, figures *historyFigures) error {
	store, err := openHistory(ctx, path)
	if err != nil {
		return err
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, list := range pastOf(h.episodes, h.iterations).lists(store) {
		took, err := list.times(random)
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", list.name, err), store.Close())
		}
		figures.Lists = append(figures.Lists, spreadOf(list.name, took))
	}
	if h.onlyLists {
		return store.Close()
	}
	figures.Writes, err = writes(store, filepath.Join(filepath.Dir(path), "bare.db"), h.episodes)
	return errors.Join(err, store.Close())
}
