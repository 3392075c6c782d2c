// Package simulate is a small model of a streaming job, of which everything is known: what
// each vertex can process, which one limits the job, and how many records wait. Tests
// compare with it what is derived from the metrics that the job reports.
//
// Time is discrete ([Step]) and records are a fluid. A vertex needs [Vertex.PerRecord]
// seconds of a subtask for a record. Between two vertices is a buffer of [Vertex.Buffer]
// records for each receiving subtask. A subtask whose output finds no space is
// backpressured, one without input is idle, and otherwise it is busy. These are the rules
// of Flink's credit-based flow control, without its network.
//
// What the subtasks report has the manners of Flink 1.15 and later: shares of time and
// rates are means over a minute, renewed every five seconds by one timer; in the first
// minute of a task the share is the mean since its start, but the rate is still divided by
// sixty; the records that wait outside are as of the last time that the subtask read any.
package simulate
