// Package account tells what became of each synthetic record at each sink, and sums it up.
//
// The tracker is a state machine without clock or I/O. Its methods are the events of a
// record: it is intended, handed to Kafka, acknowledged or refused, seen at a sink. The
// [Recorder] guards the tracker. It writes each change to the [History] first, and only then
// tells the change to its observer and adds it to the accounts. So what others read agrees
// with the history, also after kill -9. For each sink, at every moment:
//
//	intended = not_sent + produce_failed + pending + on_time + late + lost
package account
