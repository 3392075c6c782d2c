package history

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// errNotWritten is wrapped by every error of a transaction that the disk refused.
var errNotWritten = errors.New("the file cannot be written")

// trialSize is what must find room beside the history before writes are expected to succeed
// again, in bytes. A single small write may succeed on a full disk.
const trialSize = 256 << 10

// TryWrite returns why nothing can be written beside the file at path; nil if something can. It
// writes a file and removes it.
func TryWrite(path string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".flink-sidecar-trial-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, trialSize))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// WriteFault returns why the disk refuses writes at present; nil if it does not. It begins with
// a refused write and ends when [Store.Run] finds that writes succeed.
func (s *Store) WriteFault() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.writeFault
}

// noteWrite begins a fault if the disk refused a write. The log has one line for it, however
// many writes follow.
func (s *Store) noteWrite(err error) {
	if !errors.Is(err, errNotWritten) {
		return
	}
	s.mu.Lock()
	first := s.writeFault == nil
	if first {
		s.writeFault, s.faultSince = err, s.Now()
	}
	s.mu.Unlock()
	if first {
		s.logger.Error("History cannot be written: make room on its volume, or mount it for writing; "+
			"a restart is not necessary", "err", err, "path", s.path)
	}
}

// retryWriting ends a fault when writes succeed again.
func (s *Store) retryWriting() {
	if s.WriteFault() == nil || TryWrite(s.path) != nil {
		return
	}
	if err := s.update(func(*ledger.Txn) error { return nil }); err != nil {
		return
	}
	s.mu.Lock()
	lasted := s.Now().Sub(s.faultSince)
	s.writeFault = nil
	s.mu.Unlock()
	s.logger.Info("History is written again", "after", lasted.Round(time.Second), "path", s.path)
}
