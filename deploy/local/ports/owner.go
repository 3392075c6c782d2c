package ports

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// stateListen is TCP_LISTEN of the kernel's include/net/tcp_states.h, as proc_net(5) prints it.
const stateListen = "0A"

// owner finds the process that listens on port: the socket's inode from /proc/net, then
// the process that has a descriptor of that inode. 0 when it is not visible.
func owner(port int) (pid int, name string) {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		inode := listener(file, port)
		file.Close()
		if inode == "" {
			continue
		}
		if pid := holder(inode); pid != 0 {
			return pid, command(pid)
		}
	}
	return 0, ""
}

// listener returns the inode of the socket that listens on port, from a table like
// /proc/net/tcp, or "".
func listener(table io.Reader, port int) string {
	want := fmt.Sprintf(":%04X", port)
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		// sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && fields[3] == stateListen && strings.HasSuffix(fields[1], want) {
			return fields[9]
		}
	}
	return ""
}

// holder returns the process that has the socket open. Only root can see other users'
// descriptors.
func holder(inode string) int {
	descriptors, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return 0
	}
	for _, path := range descriptors {
		target, err := os.Readlink(path)
		if err != nil || target != "socket:["+inode+"]" {
			continue
		}
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err == nil {
			return pid
		}
	}
	return 0
}

func command(pid int) string {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(name))
}
