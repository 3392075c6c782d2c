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
)

// errChanged is wrapped by every error that means that another process changed the
// file while it was open. The lock keeps other sidecars away, but not
// truncate, rm, mv or a full restore over the file.
var errChanged = errors.New("the history file was changed while it was open")

// handle is one open file. bbolt maps it into memory, where a read beyond a new end
// of the file is a fault: SIGBUS, which ends the process. So the size is compared
// before each transaction, and within one a fault becomes a panic of the goroutine
// and then an error. A store that gets errChanged drops its handle for a new one.
type handle struct {
	db *bbolt.DB
	// file is the one that bbolt uses; nil for a history in memory.
	file *os.File

	users sync.WaitGroup
	write sync.Mutex
	size  atomic.Int64  // bytes that the file has at least
	last  atomic.Uint64 // id of the last transaction that was committed
	dead  atomic.Bool   // a transaction panicked: bbolt may hold its locks for ever
}

func newHandle(db *bbolt.DB, file *os.File) (*handle, error) {
	h := &handle{db: db, file: file}
	err := db.View(func(tx *bbolt.Tx) error {
		h.size.Store(tx.Size())
		h.last.Store(uint64(tx.ID()))
		return nil
	})
	return h, err
}

// view runs fn in a reading transaction. began is false if fn was not called.
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

// update runs fn in a writing transaction, which is on disk when update returns nil.
// After errChanged it is in no file that is used any more.
func (h *handle) update(path string, fn func(*txn) error) error {
	h.write.Lock()
	defer h.write.Unlock()
	if err := h.check(path); err != nil {
		return err
	}
	err := h.guard(func() error { return h.commit(fn) })
	if h.checkSize(h.size.Load()) != nil {
		h.dead.Store(true) // the transaction may have been abandoned
	}
	return err
}

// commit begins, fills and ends a writing transaction. bbolt's own Update would roll
// back after a fault, for which it reads the whole file in a goroutine of its own: a
// further fault there ends the process. So a transaction on a file that was cut is
// abandoned.
func (h *handle) commit(fn func(*txn) error) error {
	tx, err := h.db.Begin(true)
	if err != nil {
		return err
	}
	size, id := tx.Size(), uint64(tx.ID())
	committing := false
	defer func() {
		r := recover()
		if !committing && !ofFile(r) && h.checkSize(size) == nil {
			_ = tx.Rollback() // of a transaction that is open, it always succeeds
		}
		if r != nil {
			panic(r)
		}
	}()
	if err := h.checkSize(size); err != nil {
		return err
	}
	if id != h.last.Load()+1 {
		return fmt.Errorf("%w: its content is of another history", errChanged)
	}
	if err := write(tx, fn); err != nil {
		return err
	}
	committing = true
	if err := tx.Commit(); err != nil {
		return err
	}
	h.size.Store(size)
	h.last.Store(id)
	return nil
}

// check compares the open file with the one at path.
func (h *handle) check(path string) error {
	if err := h.checkSize(h.size.Load()); err != nil || h.file == nil {
		return err
	}
	opened, err := h.file.Stat()
	if err != nil {
		return nil // closed: bbolt has an error for that
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

// guard runs fn and turns a fault, or what bbolt panics with over a file that was
// cut, into an error. Any other panic goes on.
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

// ofFile reports, in a deferred function, whether a panic is the file's: a read of
// memory that is not there, or an assertion of bbolt over a page that is not what it
// should be.
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
			origin, after = frame.Function, false // of the panic raised first, which lies deepest
		}
		after = after || frame.Function == "runtime.gopanic"
	}
	return strings.HasPrefix(origin, "go.etcd.io/bbolt")
}

// close waits for the transactions under way and closes the file. Where bbolt may
// hold its locks, only the file is closed, which ends the lock on it; its pages stay
// mapped until the process ends.
func (h *handle) close() error {
	h.users.Wait()
	if h.dead.Load() && h.file != nil {
		return h.file.Close()
	}
	return h.db.Close()
}
