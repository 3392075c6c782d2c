// Package history is what the sidecar remembers: one bbolt file with its
// episodes, its measurements, the epochs of each job, and the ledger of every
// probe record it ever intended.
//
// # The file
//
// The buckets lie side by side; a slash in a name only groups it. Keys sort by
// time, so the newest entries are at the end of their bucket and a listing is
// a walk backwards from there.
//
//	meta
//	  schema                  u64   number of migrations applied
//	  digest                  u64   sum of the hashes of all other entries
//	  probe_forgotten_until   u64   latest due time (Unix ns) of a forgotten record
//	  paused                  JSON  names of the parts that are paused
//	episodes
//	  ULID                    JSON  episode.Episode
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
// Numbers are big-endian, a ULID is its 16 bytes, a hash of a job is 16 bytes
// of its SHA-256 (a name may be of any length and hold any byte), and "-" is an
// empty value.
//
// # What it promises
//
// A write that returned nil survives kill -9 and a power cut: each is one bbolt
// transaction, synced before it returns. A caller who has much to write hands it
// over in one call, because the sync is what a write costs.
//
// The ledger and its totals change in the same transaction, see [ProbeLedger].
//
// A damaged file is never used and never kills the process. bbolt maps its file
// and trusts it: after a truncation or a flipped bit it panics, in goroutines of
// its own too, or serves an older or wrong tree without noticing. So before
// bbolt gets to see a file, and with its lock held, [Open] reads it page by page
// with a reader that trusts nothing ([boltfile]), and compares the sum of the
// hashes of all entries with the digest that the last transaction stored
// (digest.go). A file that fails is renamed FILE.damaged-TIME, a new one takes
// its place, and both are said loudly. The digest's definition is the same for
// every schema, for ever: otherwise an older sidecar would call a newer file
// damaged.
//
// A path that can't be written gives a history in memory: everything works until
// the process ends, and [Store.Memory] says why.
//
// # Who holds it
//
// bbolt lets one process in. The one that has the file open writes its address to
// FILE.owner ([Store.Announce]); others find it with [FindOwner] and go through
// its HTTP API. [Open] says [ErrHeld] when somebody else has the lock.
//
// # How long it remembers
//
// Measurements are kept for Config.Retention, episodes and epochs four times as
// long: there are few of them, and they tell what changed. The newest epoch of a
// job is never dropped. Of the probe records the newest 4,096 finished ones are
// kept, and every pending one; the totals remember the others.
package history
