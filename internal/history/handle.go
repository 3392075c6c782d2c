package history

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// errChanged is wrapped by every error which means that another process changed the
// open file. The lock stops other sidecars, but not truncate, rm, mv or a restored
// backup.
var errChanged = errors.New("the history file was changed while it was open")

// handle is one open file. bbolt maps it into memory. A read beyond the new end of a
// truncated file causes SIGBUS, which ends the process. So the size is compared before
// each transaction, and during a transaction the fault becomes a panic of the goroutine
// and then an error. A store that gets errChanged replaces its handle.
type handle struct {
	db *bbolt.DB
	// file is the file that bbolt uses; nil for a history in memory.
	file *os.File

	users sync.WaitGroup
	write sync.Mutex
	size  atomic.Int64  // minimum size of the file in bytes
	last  atomic.Uint64 // id of the last committed transaction
	// uncertain is the id of a later transaction whose commit failed, 0 for none. It may
	// be in the file: bbolt reads what was written even if the disk did not confirm it.
	// Only the holder of write uses it.
	uncertain uint64
	dead      atomic.Bool // a transaction panicked: bbolt may still hold its locks

	advised kinds.AdvisedCache
}

// start migrates a file that was just opened. The error is errChanged if the file is
// shorter than its contents. The caller closes the handle after an error.
func (h *handle) start() error {
	if err := h.guard(h.begin); err != nil {
		return err
	}
	if h.present() {
		return nil // nothing is written, so a full disk does not matter yet
	}
	if err := h.transact(migrate); err != nil {
		return err
	}
	return h.guard(h.begin) // the file may have grown
}

// present reports whether the file has the present schema.
func (h *handle) present() (is bool) {
	_, err := h.view(func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(ledger.BucketMeta)) != nil {
			is = ledger.DecodeUint(ledger.Get(tx, ledger.BucketMeta, []byte(ledger.KeySchema))) == uint64(len(migrations))
		}
		return nil
	})
	return is && err == nil
}

// begin notes the state of the file.
func (h *handle) begin() error {
	return h.db.View(func(tx *bbolt.Tx) error {
		h.size.Store(tx.Size())
		h.last.Store(uint64(tx.ID()))
		return nil
	})
}

// view runs fn in a read transaction. began is false if fn was not called.
func (h *handle) view(fn func(*bbolt.Tx) error) (began bool, err error) {
	if err := h.checkSize(h.size.Load()); err != nil {
		return false, err
	}
	err = h.guard(func() error {
		last := h.last.Load()
		return h.db.View(func(tx *bbolt.Tx) error {
			if err := h.checkSize(tx.Size()); err != nil {
				return err
			}
			if uint64(tx.ID()) < last {
				return fmt.Errorf("%w: it holds an older state than was written", errChanged)
			}
			began = true
			return fn(tx)
		})
	})
	return began, err
}

// update runs fn in a write transaction, which is on disk when update returns nil.
// After errChanged the transaction is lost. After an error of the disk it may be in the
// file.
func (h *handle) update(path string, fn func(*ledger.Txn) error) error {
	h.write.Lock()
	defer h.write.Unlock()
	if err := h.check(path); err != nil {
		return err
	}
	return h.transact(fn)
}

// transact commits a transaction and turns a fault in it into an error. The caller holds
// write, or is the only user.
func (h *handle) transact(fn func(*ledger.Txn) error) error {
	err := h.guard(func() error { return h.commit(fn) })
	if h.checkSize(h.size.Load()) != nil {
		h.dead.Store(true) // the transaction may still be open
	}
	return err
}

// commit begins, fills and ends a write transaction. After a fault, bbolt's own Update
// would roll back and for this read the whole file in a separate goroutine, where a
// further fault ends the process. So a transaction on a truncated file is left open.
func (h *handle) commit(fn func(*ledger.Txn) error) error {
	tx, err := h.db.Begin(true)
	if err != nil {
		return err
	}
	size, id := tx.Size(), uint64(tx.ID())
	committing := false
	defer func() {
		r := recover()
		if !committing && !ofFile(r) && h.checkSize(size) == nil {
			_ = tx.Rollback() // always succeeds for an open transaction
		}
		if r != nil {
			panic(r)
		}
	}()
	if err := h.checkSize(size); err != nil {
		return err
	}
	if last := h.last.Load(); id <= last || id > max(last, h.uncertain)+1 {
		return fmt.Errorf("%w: it contains another history", errChanged)
	}
	changed, err := ledger.Write(tx, fn)
	if err != nil {
		return err
	}
	defer func() { h.advised.Forget(changed) }() // also after an error of the disk
	committing = true
	if err := tx.Commit(); err != nil {
		h.uncertain = max(h.uncertain, id)
		return fmt.Errorf("%w: %w", errNotWritten, err)
	}
	h.size.Store(size)
	h.last.Store(id)
	h.uncertain = 0
	return nil
}

// check compares the open file with the file at path.
func (h *handle) check(path string) error {
	if err := h.checkSize(h.size.Load()); err != nil || h.file == nil {
		return err
	}
	opened, err := h.file.Stat()
	if err != nil {
		return nil // closed: bbolt returns an error for it
	}
	there, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("%w: it was removed", errChanged)
	case err == nil && !os.SameFile(opened, there):
		return fmt.Errorf("%w: another file is in its place", errChanged)
	}
	return nil
}

func (h *handle) checkSize(atLeast int64) error {
	if h.dead.Load() {
		return errChanged
	}
	if h.file == nil {
		return nil
	}
	if info, err := h.file.Stat(); err == nil && info.Size() < atLeast {
		return fmt.Errorf("%w: it has %d bytes and had %d", errChanged, info.Size(), atLeast)
	}
	return nil
}

// guard runs fn. It turns a fault, or a panic of bbolt about a truncated file, into an
// error. Any other panic continues.
func (h *handle) guard(fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if !ofFile(r) {
			panic(r)
		}
		h.dead.Store(true)
		err = fmt.Errorf("%w: a part of it can't be read: %v", errChanged, r)
	}()
	return fn()
}

// ofFile reports, in a deferred function, whether the file caused a panic: a read of
// unmapped memory, or an assertion of bbolt about a page with wrong content.
func ofFile(r any) bool {
	if r == nil {
		return false
	}
	if _, fault := r.(interface{ Addr() uintptr }); fault {
		return true
	}
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	origin := ""
	for more, after := true, false; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if after && !strings.HasPrefix(frame.Function, "runtime.") {
			origin, after = frame.Function, false // of the first panic, which is the deepest
		}
		after = after || frame.Function == "runtime.gopanic"
	}
	return strings.HasPrefix(origin, "go.etcd.io/bbolt")
}

// close waits for active transactions and closes the file. If bbolt may hold its locks,
// only the file is closed, which releases the lock on the file. Its pages stay mapped
// until the process ends.
func (h *handle) close() error {
	h.users.Wait()
	if h.dead.Load() && h.file != nil {
		return h.file.Close()
	}
	return h.db.Close()
}
