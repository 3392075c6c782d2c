package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

var (
	errIsDirectory = errors.New("is a directory")
	errEmpty       = errors.New("is empty")
)

// files checks that every file which the configuration names can be read, and that secrets and the
// like are files with a content.
func (d *doctor) files(context.Context) []check.Result {
	contents := d.cfg.Contents()
	found := &check.Results{Area: "files"}
	for _, path := range d.named {
		err := tryRead(path, slices.Contains(contents, path))
		if err == nil {
			continue
		}
		reason := err.Error()
		if inner, ok := errors.AsType[*fs.PathError](err); ok {
			reason = inner.Err.Error()
		}
		of := found.For(path)
		of.Add("", check.Failed, d.readable(path, err), "%s (%s)", reason, d.whatFor(path, err))
		found.All = append(found.All, of.All...)
	}
	return found.All
}

// maxBlank bounds how much white space a file with a content may begin with, in bytes.
const maxBlank = 4 << 10

// tryRead opens a path. With content, it must be a file that has some.
func tryRead(path string, content bool) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if !content {
		return nil
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return errIsDirectory
	}
	text, err := io.ReadAll(io.LimitReader(f, maxBlank))
	if err == nil && len(bytes.TrimSpace(text)) == 0 {
		return errEmpty
	}
	return err
}

func (d *doctor) whatFor(path string, err error) string {
	switch {
	case errors.Is(err, errIsDirectory):
		return "name the file in it; a container engine also makes a directory where the file of a mount is missing"
	case errors.Is(err, errEmpty):
		return "write its content; in Kubernetes, see whether the key of the Secret has a value"
	case errors.Is(err, fs.ErrNotExist):
		return "make it, mount it, or correct the key that names it"
	case d.inDocker():
		return fmt.Sprintf("let user %d read the file of the host that is mounted here, or the group that is given by "+
			"--group-add", os.Getuid())
	case mountedReadOnly(path) || inKubernetes():
		return fmt.Sprintf("let user %d read it: in Kubernetes by fsGroup of the pod and defaultMode 0440 of the volume",
			os.Getuid())
	}
	return "let user " + strconv.Itoa(os.Getuid()) + " read it"
}

// readable is the line that lets this user read a file. In a container it is an option of the engine.
// Rights in a volume that is mounted read-only, such as a Secret, can't be changed there.
func (d *doctor) readable(path string, err error) *check.Fix {
	switch {
	case !errors.Is(err, fs.ErrPermission), inKubernetes():
		return nil
	case d.inDocker():
		return joinGroup(path)
	case mountedReadOnly(path):
		return nil
	}
	return check.Shell("sudo setfacl -m %s %s", fmt.Sprintf("u:%d:r", os.Getuid()), check.Quoted(path))
}

// readOnly is the flag ST_RDONLY of statfs.
const readOnly = 1

// mountedReadOnly reports whether the file system of a file is mounted for reading only.
func mountedReadOnly(path string) bool {
	var stat syscall.Statfs_t
	return syscall.Statfs(filepath.Dir(path), &stat) == nil && stat.Flags&readOnly != 0
}
