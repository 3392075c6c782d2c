// Package metricnames knows the names of Flink's metrics, and what becomes of each: which
// family it feeds, how the values of the subtasks become one, and in which unit. A new
// metric of Flink's is a row in one of its tables. Rules of users for metrics that jobs
// register themselves are compiled here too.
package metricnames
