package flink

import "context"

// Overview is the JobManager's summary of its cluster.
type Overview struct {
	TaskManagers   int `json:"taskmanagers"`
	SlotsTotal     int `json:"slots-total"`
	SlotsAvailable int `json:"slots-available"`
	// JobsRunning counts every job that has not ended, whatever its state.
	JobsRunning   int     `json:"jobs-running"`
	JobsFinished  int     `json:"jobs-finished"`
	JobsCancelled int     `json:"jobs-cancelled"`
	JobsFailed    int     `json:"jobs-failed"`
	Version       Version `json:"-"`
	VersionText   string  `json:"flink-version"`
}

// Overview reads the cluster's overview. Its answer distinguishes a JobManager from any
// other server, so it is the first request.
func (c *Client) Overview(ctx context.Context) (Overview, error) {
	var answer Overview
	if err := c.read(ctx, &answer, "/overview"); err != nil {
		return Overview{}, err
	}
	if answer.VersionText == "" {
		return Overview{}, c.notFlink("/overview has no flink-version")
	}
	answer.Version = ParseVersion(answer.VersionText)
	return answer, nil
}

// Classpath reads the files that the JobManager loaded with Flink itself. Those of a job's
// own jar are not among them.
func (c *Client) Classpath(ctx context.Context) ([]string, error) {
	var answer struct {
		Classpath []string `json:"classpath"`
	}
	err := c.read(ctx, &answer, "/jobmanager/environment")
	return answer.Classpath, err
}

// JobManagerConfig reads the configuration with which the JobManager runs. Flink hides
// the values of keys that look like secrets.
func (c *Client) JobManagerConfig(ctx context.Context) (Settings, error) {
	var answer []struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	if err := c.read(ctx, &answer, "/jobmanager/config"); err != nil {
		return nil, err
	}
	settings := make(Settings, len(answer))
	for _, entry := range answer {
		settings[entry.Key] = entry.Value
	}
	return settings, nil
}
