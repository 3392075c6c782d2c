// Package history stores what the sidecar remembers in one bbolt file: episodes,
// measurements, the epochs of each job, declined alerts, and an account of every
// probe record that was ever intended.
//
// # The file
//
// The buckets are on one level; a slash in a name only groups them. Keys sort by
// time, so the newest entries are at the end of their bucket, and a list is read
// backwards from there.
//
//	meta
//	  schema                  u64   number of migrations applied
//	  digest                  u64   sum of the hashes of all other entries
//	  probe_forgotten_until   u64   latest due time (Unix ns) of a forgotten record
//	  paused                  JSON  names of the parts that are paused
//	  locked-out              JSON  times until which vertices are not profiled
//	episodes
//	  ULID                    JSON  episode.Episode
//	episodes/summaries
//	  ULID                    JSON  episode.Episode, without its largest parts
//	episodes/by_job
//	  hash(job) ULID          -
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
// # What it promises
//
// A write that returned nil survives kill -9 and a power cut: each is one bbolt
// transaction, synced before it returns. The sync is the cost of a write, so a
// caller with many entries passes them in one call.
//
// The records of the probe and their totals change in the same transaction, see
// [ProbeRecords].
//
// Everything stored has a limit (limits.go). Lists are made of summaries of at most
// 16 KiB each. An id of the future is refused.
//
// # Damage
//
// A damaged file is never used and never ends the process. Before bbolt opens a
// file, and with its lock held, [Open] checks it page by page (package boltfile) and
// compares the sum of the hashes of all entries with the digest that the last
// transaction stored (digest.go). A file that fails is renamed FILE.damaged-TIME, a
// new one begins in its place, and the log says so. Where only one of the two meta
// pages is damaged, the other one is used, and the log says that the last write may
// be missing. The digest's definition is the same for every schema, for ever:
// otherwise an older sidecar would call a newer file damaged.
//
// While the file is open, others may still cut, remove, replace or overwrite it. Each
// transaction compares sizes, each write the inode at the path, and [Store.Run] does
// both every ten seconds. When the file was changed, what is left is put aside as
// FILE.damaged-TIME or FILE.removed-TIME, the file at the path is opened or a new one
// begins, and what was paused stays paused. Where another sidecar holds the file at
// the path, this one goes on in memory: two never write to one path.
//
// A path that can't be written gives a history in memory: everything works until
// the process ends, and [Store.Memory] returns the reason.
//
// # Who holds it
//
// bbolt lets one process in. The one that has the file open writes its address to
// FILE.owner ([Store.Announce]); others find it with [FindOwner] and go through
// its HTTP API. [Open] returns [ErrHeld] when another process has the lock.
//
// # Retention
//
// Measurements and declined alerts are kept for Config.Retention, episodes and epochs
// four times as long: there are few of them, and they tell what changed. The newest
// epoch of a job and unfinished episodes are never dropped. The newest 1,000 declined
// alerts are kept, and the newest 4,096 finished probe records with every pending
// one; the totals count the others.
package history
