// Package session submits jobs to a Flink session cluster and waits for them.
//
// It covers the few endpoints that change something (upload, run, cancel), which the
// sidecar itself never calls; internal/flink reads.
//
// What is not obvious: a job is up when all its tasks run, not when its state is
// RUNNING, which it already is while tasks are being deployed. And Flink's errors
// carry whole Java stack traces, of which the last "Caused by:" says what is wrong.
package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// mostBytes bounds an answer that is read. /jobs/overview of a local stack has a few KB.
const mostBytes = 4 << 20

// Client sends requests to the JobManager at URL (http://host:port).
type Client struct {
	URL  string
	HTTP *http.Client // nil = http.DefaultClient
}

// Overview is the cluster's own summary.
type Overview struct {
	TaskManagers int    `json:"taskmanagers"`
	SlotsTotal   int    `json:"slots-total"`
	Version      string `json:"flink-version"`
}

// Overview returns the cluster's summary.
func (c Client) Overview(ctx context.Context) (Overview, error) {
	var overview Overview
	return overview, c.call(ctx, http.MethodGet, "/overview", nil, &overview)
}

// TaskManager is a registered TaskManager.
type TaskManager struct {
	ID   string `json:"id"`
	Path string `json:"path"` // its RPC address, pekko.tcp://flink@HOST:PORT/user/rpc/taskmanager_0
}

// TaskManagers lists the registered TaskManagers, which for up to a minute include dead
// ones.
func (c Client) TaskManagers(ctx context.Context) ([]TaskManager, error) {
	var list struct {
		TaskManagers []TaskManager `json:"taskmanagers"`
	}
	return list.TaskManagers, c.call(ctx, http.MethodGet, "/taskmanagers", nil, &list)
}

// Job is one line of the list of jobs.
type Job struct {
	ID    string `json:"jid"`
	Name  string `json:"name"`
	State string `json:"state"` // RUNNING, FAILED, CANCELED, …
	Tasks struct {
		Running int `json:"running"`
		Total   int `json:"total"`
	} `json:"tasks"`
}

// Ended reports whether the job will never run again.
func (j Job) Ended() bool {
	return j.State == "FINISHED" || j.State == "CANCELED" || j.State == "FAILED"
}

// Jobs lists the jobs the JobManager knows, ended ones included.
func (c Client) Jobs(ctx context.Context) ([]Job, error) {
	var list struct {
		Jobs []Job `json:"jobs"`
	}
	return list.Jobs, c.call(ctx, http.MethodGet, "/jobs/overview", nil, &list)
}

// Upload sends a jar and returns its id.
func (c Client) Upload(ctx context.Context, jar string) (id string, err error) {
	file, err := os.Open(jar)
	if err != nil {
		return "", err
	}
	defer file.Close()
	body, sink := io.Pipe()
	form := multipart.NewWriter(sink)
	go func() {
		part, err := form.CreateFormFile("jarfile", filepath.Base(jar))
		if err == nil {
			_, err = io.Copy(part, file)
		}
		if err == nil {
			err = form.Close()
		}
		sink.CloseWithError(err)
	}()
	defer body.Close() // ends the goroutine if the server did not read to the end
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/jars/upload", body)
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	var uploaded struct {
		Filename string `json:"filename"`
	}
	if err := c.do(request, &uploaded); err != nil {
		return "", err
	}
	return path.Base(uploaded.Filename), nil
}

// Program is a main class of an uploaded jar with its arguments.
type Program struct {
	EntryClass string   `json:"entryClass"`
	Args       []string `json:"programArgsList"`
}

// Plan runs the main class up to the job graph. It fails where Run would fail because of
// the arguments.
func (c Client) Plan(ctx context.Context, jarID string, program Program) error {
	return c.call(ctx, http.MethodPost, "/jars/"+url.PathEscape(jarID)+"/plan", program, nil)
}

// Run runs the main class and returns the id of the job.
func (c Client) Run(ctx context.Context, jarID string, program Program) (jobID string, err error) {
	var started struct {
		JobID string `json:"jobid"`
	}
	err = c.call(ctx, http.MethodPost, "/jars/"+url.PathEscape(jarID)+"/run", program, &started)
	return started.JobID, err
}

// Cancel cancels a job and waits until it has ended.
func (c Client) Cancel(ctx context.Context, jobID string) error {
	if err := c.call(ctx, http.MethodPatch, "/jobs/"+url.PathEscape(jobID)+"?mode=cancel", nil, nil); err != nil {
		return err
	}
	return c.wait(ctx, jobID, func(job Job) (bool, error) { return job.Ended(), nil })
}

// WaitRunning waits until every task of a job runs. A job that has ended instead is an
// error.
func (c Client) WaitRunning(ctx context.Context, jobID string) error {
	return c.wait(ctx, jobID, func(job Job) (bool, error) {
		if job.Ended() {
			return false, fmt.Errorf("job %s is %s (%s/#/job/completed/%s/exceptions says why)", job.Name, job.State,
				c.URL, job.ID)
		}
		return job.State == "RUNNING" && job.Tasks.Total > 0 && job.Tasks.Running == job.Tasks.Total, nil
	})
}

// wait polls the job until enough returns true. The last state is part of the error when
// ctx ends first.
func (c Client) wait(ctx context.Context, jobID string, enough func(Job) (bool, error)) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	last := "not seen"
	for {
		jobs, err := c.Jobs(ctx)
		if err != nil && ctx.Err() == nil {
			return err
		}
		for _, job := range jobs {
			if job.ID != jobID {
				continue
			}
			if done, err := enough(job); done || err != nil {
				return err
			}
			last = fmt.Sprintf("%s with %d of %d tasks running", job.State, job.Tasks.Running, job.Tasks.Total)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("job %s was last %s: %w", jobID, last, ctx.Err())
		case <-tick.C:
		}
	}
}

// call sends in as JSON, if there is any, and reads the answer into out, if wanted.
func (c Client) call(ctx context.Context, method, path string, in, out any) error {
	body := &bytes.Buffer{}
	if in != nil {
		if err := json.NewEncoder(body).Encode(in); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, c.URL+path, body)
	if err != nil {
		return err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return c.do(request, out)
}

func (c Client) do(request *http.Request, out any) error {
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("flink: %s %s: %s: %s", request.Method, request.URL.Path, response.Status, cause(body))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("flink: %s %s: %w", request.Method, request.URL.Path, err)
	}
	return nil
}

// cause returns the reason of an error answer: of {"errors":[…]} the last "Caused by:" of
// the last entry, without the stack below it.
func cause(body []byte) string {
	var answer struct {
		Errors []string `json:"errors"`
	}
	text := string(body)
	if json.Unmarshal(body, &answer) == nil && len(answer.Errors) > 0 {
		text = answer.Errors[len(answer.Errors)-1]
	}
	if i := strings.LastIndex(text, "Caused by: "); i >= 0 {
		text = text[i+len("Caused by: "):]
	}
	text, _, _ = strings.Cut(text, "\n")
	if len(text) > 500 {
		text = text[:500] + "…"
	}
	return strings.TrimSpace(text)
}
