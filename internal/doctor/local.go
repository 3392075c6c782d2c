package doctor

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// inMemory is what becomes of a history that can't be written.
const inMemory = "the history would be kept in memory"

// lowDisk is the free space below which a history may fill the disk within days, in bytes.
const lowDisk = 256 << 20

// history checks the file of the history and the directory of its copies.
func (d *doctor) history(ctx context.Context) []check.Result {
	found := d.historyFile(ctx)
	if cfg := d.cfg.History.Backup; cfg != nil {
		found = append(found, d.backupDirectory(cfg.Directory)...)
	}
	return found
}

// backupDirectory checks that copies can be written.
func (d *doctor) backupDirectory(dir string) []check.Result {
	found := &check.Results{Area: "history", Of: dir}
	switch err := history.TryWrite(filepath.Join(dir, "copy")); {
	case err == nil:
		found.Add("backup", check.OK, nil, "copies can be written")
	case errors.Is(err, fs.ErrNotExist):
		d.addMissing(found, "backup", dir, "the history is not copied")
	case errors.Is(err, fs.ErrPermission):
		found.Add("backup", check.Failed, d.own(dir, "u+rwx"), "%v: the history is not copied", err)
	default:
		found.Add("backup", check.Failed, nil, "%v: the history is not copied (make room, or mount the volume for writing)", err)
	}
	return found.All
}

// historyFile checks that the file can be written, and how much room is left.
func (d *doctor) historyFile(ctx context.Context) []check.Result {
	found := &check.Results{Area: "history", Of: d.cfg.History.Path}
	owner, held, err := history.FindOwner(d.cfg.History.Path)
	if err == nil && held {
		if err := history.TryWrite(d.cfg.History.Path); refusedByVolume(err) {
			found.Add("file", check.Failed, nil, "%v (make room on the volume, or mount it for writing)", err)
			return found.All
		}
		found.Add("file", check.OK, nil, "the sidecar at %s has it open", owner.URL)
		d.disk(found)
		return found.All
	}
	dir := filepath.Dir(d.cfg.History.Path)
	err = history.TryWrite(d.cfg.History.Path)
	switch {
	case refusedByVolume(err):
		found.Add("file", check.Failed, nil, "%v: the history cannot be written (make room on the volume, or mount it "+
			"for writing)", err)
		return found.All
	case errors.Is(err, fs.ErrNotExist):
		d.addMissing(found, "file", dir, inMemory)
		return found.All
	case err != nil:
		found.Add("file", check.Failed, d.own(dir, "u+rwx"), "%v: %s", err, inMemory)
		return found.All
	}
	if f, err := os.OpenFile(d.cfg.History.Path, os.O_RDWR, 0); err == nil {
		_ = f.Close() // nothing was written
	} else if errors.Is(err, syscall.EISDIR) {
		found.Add("file", check.Failed, check.Setting("history.path", filepath.Join(d.cfg.History.Path, "flink-sidecar.db")),
			"%v: %s; a container engine makes a directory where the file of a mount is missing", err, inMemory)
		return found.All
	} else if !errors.Is(err, fs.ErrNotExist) {
		found.Add("file", check.Failed, d.own(d.cfg.History.Path, "0600"), "%v: %s", err, inMemory)
		return found.All
	}
	if err := history.Inspect(ctx, d.cfg.History.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		found.Add("file", check.Failed, nil, "%v (%s)", err, whatForHistory(err))
		return found.All
	}
	found.Add("file", check.OK, nil, "it can be written")
	d.disk(found)
	return found.All
}

// refusedByVolume reports whether a volume is full or read-only: no right of a user repairs that.
func refusedByVolume(err error) bool {
	for _, reason := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// whatForHistory says what to do about a file that cannot be used.
func whatForHistory(err error) string {
	switch {
	case errors.Is(err, history.ErrNewer):
		return "use the newer version of the sidecar, or another history.path"
	case errors.Is(err, history.ErrForeign):
		return "correct history.path"
	}
	return "the sidecar renames it at the start and begins a new history; put a backup in its place to keep the past"
}

// disk says how much room is left beside the history.
func (d *doctor) disk(found *check.Results) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(d.cfg.History.Path), &stat); err != nil {
		found.Add("disk", check.Unknown, nil, "%v", err)
		return
	}
	free := stat.Bavail * uint64(stat.Bsize)
	if free < lowDisk {
		found.Add("disk", check.Warning, nil, "%d MiB are left (make room: without it the history stands still)", free>>20)
		return
	}
	found.Add("disk", check.OK, nil, "%d MiB are left", free>>20)
}

// web checks that the address of the page is free, or is that of the running sidecar.
func (d *doctor) web(ctx context.Context) []check.Result {
	address := d.cfg.Web.ListenAddress
	found := &check.Results{Area: "web", Of: address}
	if d.options.Running {
		found.Add("port", check.OK, nil, "this sidecar listens there")
		return found.All
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err == nil {
		_ = listener.Close() // nobody has connected
		found.Add("port", check.OK, nil, "it is free")
		return found.All
	}
	if owner, held, ownerErr := history.FindOwner(d.cfg.History.Path); ownerErr == nil && held &&
		strings.HasSuffix(owner.URL, portOf(address)) {
		found.Add("port", check.OK, nil, "the sidecar that has the history open listens there")
		return found.All
	}
	found.Add("port", check.Failed, freePort(ctx, address), "%v", err)
	return found.All
}

func portOf(address string) string {
	_, port, _ := net.SplitHostPort(address) // it was validated
	return ":" + port
}

// freePort is the next free address of the same host.
func freePort(ctx context.Context, address string) *check.Fix {
	host, port, _ := net.SplitHostPort(address) // it was validated
	n, err := strconv.Atoi(port)
	for next := n + 1; err == nil && next <= min(n+50, 65535); next++ {
		candidate := net.JoinHostPort(host, strconv.Itoa(next))
		if listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", candidate); err == nil {
			_ = listener.Close() // nobody has connected
			return check.Setting("web.listen_address", candidate)
		}
	}
	return nil
}
