package history

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history/boltfile"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/history/probes"
)

// The reasons why [Open] returns no history. A path that can't be written is not one of
// them: then the history is in memory.
var (
	// ErrHeld: another process has the file open.
	ErrHeld = errors.New("history: held by another process")
	// ErrNewer: a later version of the sidecar wrote the file. The file does not
	// change.
	ErrNewer = errors.New("history: written by a newer sidecar")
	// ErrForeign: the file is of another kind. The file does not change.
	ErrForeign = errors.New("history: not a history of flink-sidecar")
)

// Open opens the history at config.Path and migrates it to the present schema. It
// creates a missing file, but not its directory. It waits up to a second for a process
// that is about to end.
//
// A damaged file is renamed, and a new one is created with what can be read of it
// ([Store.SetAside], [Store.Salvaged]). If the path
// can't be written, the history is in memory ([Store.Memory]). Both are logged as
// errors. The error is [ErrHeld], [ErrNewer] or [ErrForeign], or the context's.
func Open(ctx context.Context, config Config, logger *slog.Logger) (*Store, error) {
	logger = logger.With("component", "history")
	o := opener{path: config.Path, logger: logger}
	h, err := o.open(ctx)
	if err != nil && refused(ctx, err) {
		return nil, err
	}
	s := &Store{
		Now:       time.Now,
		path:      config.Path,
		setAside:  o.setAside,
		retention: time.Duration(cmp.Or(config.Retention, DefaultConfig().Retention)),
		maxSize:   int64(config.MaxSize),

		maxMeasurements: config.MaxMeasurements,
		maxEpisodes:     config.MaxEpisodes,

		current: h,
		logger:  logger,
		carried: map[string][]byte{},
	}
	if err != nil {
		s.memory = inMemoryReason(err, config.Path)
		logger.Error("History is kept in memory and ends with this process", "reason", s.memory)
		if s.current, err = openInMemory(); err != nil {
			return nil, fmt.Errorf("history: neither %s nor memory can be used: %w", config.Path, err)
		}
	}
	s.Entries = kinds.New(transactions{s}, kinds.Limits{Default: DefaultLimit, Most: MaxLimit})
	s.probes = probes.New(transactions{s}, logger)
	if err := s.takeOver(ctx, o.setAside); err != nil {
		return nil, errors.Join(err, s.current.close())
	}
	if err := s.loadCarried(); err != nil {
		return nil, errors.Join(err, s.current.close())
	}
	return s, nil
}

// takeOver saves what can be read of a damaged file. The error is that of ctx; another one is logged,
// and it goes on at the next start.
func (s *Store) takeOver(ctx context.Context, damaged string) (err error) {
	if s.memory != "" {
		return nil
	}
	if damaged != "" {
		s.began = time.Now()
		err = s.update(func(t *ledger.Txn) error { return salvageNext(t, damaged) })
	}
	if err == nil {
		err = s.salvage(ctx)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.logger.Error("Of the damaged history not all was saved: it goes on at the next start", "err", err)
	}
	return nil
}

// refused reports whether an error ends Open; errors of the disk do not.
func refused(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, ErrHeld) || errors.Is(err, ErrNewer) || errors.Is(err, ErrForeign)
}

// opener is one attempt to open a file.
type opener struct {
	path     string
	logger   *slog.Logger
	setAside string
	file     *os.File // the file that bbolt uses
}

// open opens the file. If the file is damaged, it creates a new one in its place.
func (o *opener) open(ctx context.Context) (*handle, error) {
	if info, err := os.Stat(o.path); err == nil && info.Size() == 0 {
		o.logger.Warn("History file was empty: a new history begins", "path", o.path)
	}
	h, err := o.attempt(ctx)
	if errors.Is(err, boltfile.ErrDamaged) {
		h, err = o.attempt(ctx)
	}
	if err != nil {
		return nil, err
	}
	if err := syncDirectory(o.path); err != nil {
		o.logger.Warn("History file may be lost in a power cut until the system writes its directory", "err", err)
	}
	return h, nil
}

// attempt opens and migrates the file. If the error is [boltfile.ErrDamaged], the damaged
// file has been renamed.
func (o *opener) attempt(ctx context.Context) (*handle, error) {
	db, err := o.openBolt(ctx)
	if err != nil {
		return nil, err
	}
	return o.migrated(db)
}

// migrated returns the handle of an inspected file after its migrations. A file that was
// cut short after its inspection is treated as damaged.
func (o *opener) migrated(db *bbolt.DB) (*handle, error) {
	h := &handle{db: db, file: o.file}
	err := h.start()
	if err == nil {
		return h, nil
	}
	if errors.Is(err, errChanged) {
		err = o.rename(fmt.Errorf("%w: %w", boltfile.ErrDamaged, err))
	}
	return nil, errors.Join(err, h.close())
}

// openBolt opens the file if it is sound. If the error is [boltfile.ErrDamaged], the
// damaged file has been renamed.
func (o *opener) openBolt(ctx context.Context) (db *bbolt.DB, err error) {
	// After the inspection bbolt should not panic. If it does, the file is treated as
	// damaged. The same holds for a fault, if the file is cut short meanwhile.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, o.rename(fmt.Errorf("%w: bbolt: %v", boltfile.ErrDamaged, r))
		}
	}()
	return bbolt.Open(o.path, 0o600, options(func(path string, flag int, mode os.FileMode) (*os.File, error) {
		f, err := lockFile(ctx, path, flag, mode)
		if err != nil {
			return nil, err
		}
		if err := o.inspect(ctx, f); err != nil {
			return nil, errors.Join(err, f.Close())
		}
		o.file = f
		return f, nil
	}))
}

// inspect checks the locked file before bbolt uses it.
func (o *opener) inspect(ctx context.Context, f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 { // bbolt turns an empty file into a database
		return err
	}
	head, err := inspect(readerUntil{ctx, f}, info.Size())
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, boltfile.ErrDamaged):
		return o.rename(err)
	case err != nil:
		return fmt.Errorf("%w: %s (choose another history.path)", err, o.path)
	case head.Damaged != nil:
		o.logger.Warn("History has one damaged meta page and uses the other one: the last write may be missing",
			"reason", head.Damaged, "path", o.path)
	}
	return nil
}

// Inspect reads the file at path as [Open] does and changes nothing. It returns nil for a
// history of this or an older schema and for an empty file. The error is [ErrNewer],
// [ErrForeign], that of damage, which Open would rename, or of reading. No process may write to
// the file meanwhile.
func Inspect(ctx context.Context, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	_, err = inspect(readerUntil{ctx, f}, info.Size())
	return err
}

// readerUntil reads until ctx ends: a large file takes seconds to read, and a sidecar that is
// told to stop must not wait for it.
type readerUntil struct {
	ctx  context.Context
	file io.ReaderAt
}

// ReadAt implements io.ReaderAt.
func (r readerUntil) ReadAt(p []byte, offset int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.file.ReadAt(p, offset)
}

// damagedMark is in the name of a file that was damaged.
const damagedMark = ".damaged-"

// rename renames the damaged file and returns the damage. If renaming fails, the error
// no longer wraps ErrDamaged, because the cause is a directory that can't be written.
func (o *opener) rename(damage error) error {
	aside := o.path + damagedMark + time.Now().UTC().Format("20060102T150405.000000Z")
	if err := os.Rename(o.path, aside); err != nil {
		return fmt.Errorf("%s, and can't be renamed: %w", damage.Error(), err) // no longer wraps boltfile.ErrDamaged
	}
	o.setAside = aside
	o.logger.Error("History is damaged: it is renamed and a new one begins",
		"reason", damage, "path", o.path, "kept", aside)
	return damage
}

// openInMemory opens a history that ends with the process.
func openInMemory() (*handle, error) {
	open := func(string, int, os.FileMode) (*os.File, error) { return memoryFile() }
	db, err := bbolt.Open("memory", 0o600, options(open))
	if err != nil {
		return nil, err
	}
	db.NoSync = true
	h := &handle{db: db}
	if err := h.start(); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// options returns the options for bbolt. The list of free pages is written with each
// transaction. Without it bbolt reads the whole file after a failed transaction, in a
// separate goroutine, where a fault in a truncated file ends the process.
func options(openFile func(string, int, os.FileMode) (*os.File, error)) *bbolt.Options {
	return &bbolt.Options{
		Timeout:      lockWait,
		FreelistType: bbolt.FreelistMapType,
		OpenFile:     openFile,
	}
}

// syncDirectory makes the names in the file's directory durable.
func syncDirectory(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
