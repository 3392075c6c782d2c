// Package metricnames maps the names of Flink's metrics: which family each one feeds, how
// the values of the subtasks become one, and in which unit. A new metric of Flink is a
// row in one of its tables. It also compiles the user's rules for metrics that jobs
// register themselves.
package metricnames
