package flink

import "context"

// Overview is what a JobManager says about its cluster.
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

// Overview asks for the cluster's overview. Its answer is what tells a
// JobManager from anything else, so this is the first thing to ask.
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

// JobManagerConfig asks for the configuration of the cluster, as the
// JobManager runs it. Flink hides the values of keys that look like secrets.
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
