// Package history stores the data of the sidecar in one bbolt file: episodes,
// measurements, the epochs of each job, declined alerts, and an account of every probe
// record that was ever intended.
//
// This package is the file itself: opening, checks, migration, retention, copies and salvage. What
// is in it has packages below: ledger is the transaction and the timelines of entries, kinds the
// episodes, measurements, scale tests and so on, probes the account of the probe's records.
//
// # The file
//
// All buckets are at the top level; a slash in a name only groups them. Keys sort by
// time, so the newest entries are at the end of their bucket, and a list is read
// backwards from there.
//
//	meta
//	  schema                  u64   number of migrations applied
//	  digest                  u64   sum of the hashes of all other entries
//	  probe_forgotten_until   u64   latest due time (Unix ns) of a forgotten record
//	  paused                  JSON  names of the parts that are paused
//	  locked-out              JSON  times until which vertices are not profiled
//	  rule-scores             JSON  how often each trend rule was right
//	  salvage                 JSON  path of a damaged file that is being read
//	episodes
//	  ULID                    JSON  episode.Episode
//	episodes/summaries
//	  ULID                    JSON  episode.Episode, without its largest parts
//	episodes/by_job
//	  hash(job) ULID          -
//	episodes/by_vertex
//	  hash(vertex) ULID       -
//	episodes/unfinished
//	  ULID                    -     the episodes whose state is not final
//	measurements
//	  ULID                    JSON  episode.Measurement
//	measurements/by_job
//	  hash(job) ULID          -
//	epochs
//	  time hash(epoch)        JSON  episode.Epoch
//	epochs/by_job
//	  hash(job) time hash     -
//	alerts/declined
//	  ULID                    JSON  episode.Declined
//	alerts/declined/by_job
//	  hash(job) ULID          -
//	alerts/declined/by_occurrence
//	  hash(occurrence)        ULID
//	scaletests
//	  ULID                    JSON  version and scalerun.Test
//	scaletests/compared
//	  ULID                    JSON  version and scalerun.ComparedTest
//	scaletests/by_job
//	  hash(job) ULID          -
//	scaletests/by_run
//	  hash(run) ULID          -
//	scaletests/runs
//	  hash(run of a job)      ULID of its newest test
//	scaletests/runs/newest
//	  ULID                    JSON  scalerun.Run
//	evaluations
//	  ULID                    JSON  episode.Evaluation
//	evaluations/by_job
//	  hash(job) ULID          -
//	changepoints/triage
//	  ULID                    JSON  episode.Triage
//	changepoints/triage/by_job
//	  hash(job) ULID          -
//	pages
//	  u64 ms hash(cluster)    page of metrics, in the format of alerts/recorded
//	probe/records
//	  seed                    JSON  episode.ProbeRecord, pending or finished
//	probe/open
//	  seed                    -     the records that are pending at some sink
//	probe/finished
//	  u64 sequence            u64 + seed   when a record finished, and which
//	probe/totals
//	  sink                    JSON  episode.Account of every record ever intended
//	probe/forgotten
//	  sink                    JSON  episode.Account of the records not kept any more
//
// Numbers are big-endian, a ULID is its 16 bytes, a hash is the first 16 bytes of a
// SHA-256 (a job's name may have any length and hold any byte), and "-" is an empty
// value.
//
// # Guarantees
//
// A write that returned nil survives kill -9 and a power failure: each write is one
// bbolt transaction, synced before it returns. The sync dominates the cost of a write,
// so a caller with many entries passes them in one call.
//
// The records of the probe and their totals change in the same transaction, see
// package probes.
//
// Each stored value has a size limit (limits.go). Lists contain summaries of at most 16
// KiB each. An id in the future is refused.
//
// # Damage
//
// A damaged file is never used and never ends the process. [Open] checks a file before
// bbolt opens it, with its lock held: page by page (package boltfile), and by the sum
// of the hashes of all entries, which must equal the digest that the last transaction
// stored (digest.go). A file that fails is renamed FILE.damaged-TIME, a new one is
// created in its place, and the sidecar logs it. If only one of the two meta pages is
// damaged, the other one is used, and the log says that the last write may be missing.
// The definition of the digest never changes, because otherwise an older sidecar would
// report a newer file as damaged.
//
// While the file is open, other processes may still truncate, remove, replace or
// overwrite it. Each transaction compares sizes, each write compares the inode at the
// path, and [Store.Run] does both every ten seconds. If the file was changed, the rest
// of it is kept as FILE.damaged-TIME or FILE.removed-TIME, the file at the path is
// opened or a new one is created, and paused parts stay paused. If another sidecar
// holds the file at the path, this one continues in memory, so that two sidecars never
// write to one path.
//
// If the path can't be written, the history is in memory: everything works until the
// process ends, and [Store.Memory] returns the reason.
//
// # The owner
//
// bbolt allows one process. The process with the open file writes its address to
// FILE.owner ([Store.Announce]). Other processes find it with [FindOwner] and use its
// HTTP API. [Open] returns [ErrHeld] if another process has the lock.
//
// # Retention
//
// Measurements and declined alerts are kept for Config.Retention. Episodes, epochs, scale tests,
// evaluations and triages are kept four times as long, because there are few of them and they
// show what changed. The newest epoch of a job and unfinished episodes are never dropped. Of
// declined alerts the newest 1,000 are kept. Above Config.MaxSize the oldest measurements are
// dropped, then declined alerts, then episodes that are done. Pages are kept for as long as the
// caller of [Store.PutPage] says. Of probe records every pending one and the newest 4,096 finished ones
// are kept; the totals count the others.
package history
