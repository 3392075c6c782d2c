package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// peer polls Flink as other tools do. It counts its requests.
type peer struct {
	url      string
	requests int
}

// longest bounds the length of the names in one request: Flink answers 404 to requests of
// 4 KB.
const longest = 3500

// perSubtask is the pattern of the OpenTelemetry receiver for Flink: for JobManager,
// TaskManagers, jobs and each subtask, list the names and read the values of all.
func (p *peer) perSubtask(ctx context.Context) error {
	if err := p.processes(ctx); err != nil {
		return err
	}
	return p.eachVertex(ctx, func(vertex string) error {
		var details struct {
			Subtasks []struct {
				Subtask int `json:"subtask"`
			} `json:"subtasks"`
		}
		if err := p.get(ctx, vertex, &details); err != nil {
			return err
		}
		for _, s := range details.Subtasks {
			if err := p.all(ctx, fmt.Sprintf("%s/subtasks/%d/metrics", vertex, s.Subtask)); err != nil {
				return err
			}
		}
		return nil
	})
}

// aggregated is that pattern with one aggregated request for each vertex in place of one
// for each subtask, still of all names.
func (p *peer) aggregated(ctx context.Context) error {
	if err := p.processes(ctx); err != nil {
		return err
	}
	return p.eachVertex(ctx, func(vertex string) error { return p.all(ctx, vertex+"/subtasks/metrics") })
}

// touch is a single request, after which the JobManager fetches the metrics of all
// processes: the least cost of the others.
func (p *peer) touch(ctx context.Context) error {
	return p.get(ctx, "/taskmanagers/metrics", nil)
}

func (p *peer) processes(ctx context.Context) error {
	if err := p.all(ctx, "/jobmanager/metrics"); err != nil {
		return err
	}
	var list struct {
		TaskManagers []struct {
			ID string `json:"id"`
		} `json:"taskmanagers"`
	}
	if err := p.get(ctx, "/taskmanagers", &list); err != nil {
		return err
	}
	for _, tm := range list.TaskManagers {
		if err := p.all(ctx, "/taskmanagers/"+tm.ID+"/metrics"); err != nil {
			return err
		}
	}
	return nil
}

// eachVertex goes through the running jobs, and reads the metrics of each job itself.
func (p *peer) eachVertex(ctx context.Context, do func(path string) error) error {
	var list struct {
		Jobs []struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		} `json:"jobs"`
	}
	if err := p.get(ctx, "/jobs", &list); err != nil {
		return err
	}
	for _, job := range list.Jobs {
		if job.Status != "RUNNING" {
			continue
		}
		path := "/jobs/" + job.ID
		if err := p.all(ctx, path+"/metrics"); err != nil {
			return err
		}
		var details struct {
			Vertices []struct {
				ID string `json:"id"`
			} `json:"vertices"`
		}
		if err := p.get(ctx, path, &details); err != nil {
			return err
		}
		for _, vertex := range details.Vertices {
			if err := do(path + "/vertices/" + vertex.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// all lists the names at a path and reads all of their values.
func (p *peer) all(ctx context.Context, path string) error {
	var names []struct {
		ID string `json:"id"`
	}
	if err := p.get(ctx, path, &names); err != nil {
		return err
	}
	var chunk strings.Builder
	for i, name := range names {
		if chunk.Len() > 0 {
			chunk.WriteByte(',')
		}
		chunk.WriteString(url.QueryEscape(name.ID))
		last := i == len(names)-1
		if !last && chunk.Len()+len(names[i+1].ID) < longest {
			continue
		}
		if err := p.get(ctx, path+"?get="+chunk.String(), nil); err != nil {
			return err
		}
		chunk.Reset()
	}
	return nil
}

func (p *peer) get(ctx context.Context, path string, out any) error {
	p.requests++
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 64<<20))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, response.Status)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(body, out)
}
