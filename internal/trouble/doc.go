// Package trouble finds out what is wrong now: a TaskManager that is gone, a job that
// is stalled, a job that restarts in a loop, checkpoints that fail or take too long, a target
// that is down, probe records that do not arrive.
//
// A [Watch] is a state machine over what others have read: the snapshot of each poll, the
// state of the targets, the account of the probe. It does no I/O. A trend says where
// something is heading; a trouble exists already, so it is reported after one poll.
//
// Each check has one of three results. "Present" begins a trouble or keeps it, "absent"
// ends it, and "unknown" leaves everything as it was: no data is never success.
package trouble
