package flink

import "context"

// TaskManager is one worker process registered at the JobManager.
type TaskManager struct {
	ID        string   `json:"id"`
	Slots     int      `json:"slotsNumber"`
	FreeSlots int      `json:"freeSlots"`
	DataPort  int      `json:"dataPort"`
	Resource  Resource `json:"totalResource"`
	Memory    Memory   `json:"memoryConfiguration"`
	Hardware  Hardware `json:"hardware"`
}

// Hardware is what the JVM of a TaskManager found when it started. PhysicalMemory is that of the
// machine or container, Heap the largest of the JVM, both in bytes.
type Hardware struct {
	CPUCores       int   `json:"cpuCores"`
	PhysicalMemory int64 `json:"physicalMemory"`
	Heap           int64 `json:"freeMemory"`
	Managed        int64 `json:"managedMemory"`
}

// Resource is what a TaskManager offers to its slots.
type Resource struct {
	CPUCores float64 `json:"cpuCores"`
}

// Memory is a TaskManager's memory as configured, in bytes. TotalProcess is 0
// if only the parts were configured.
type Memory struct {
	TaskHeap     int64 `json:"taskHeap"`
	TaskOffHeap  int64 `json:"taskOffHeap"`
	Managed      int64 `json:"managedMemory"`
	Network      int64 `json:"networkMemory"`
	Metaspace    int64 `json:"jvmMetaspace"`
	TotalProcess int64 `json:"totalProcessMemory"`
}

// TaskManagers lists the registered TaskManagers. One that died is listed
// until its heartbeat times out, 50 seconds by default.
func (c *Client) TaskManagers(ctx context.Context) ([]TaskManager, error) {
	var answer struct {
		TaskManagers []TaskManager `json:"taskmanagers"`
	}
	err := c.read(ctx, &answer, "/taskmanagers")
	return answer.TaskManagers, err
}
