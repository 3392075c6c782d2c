package config

import (
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
)

// Files returns the value of each configuration key that names a file or a directory which the
// sidecar reads. It may be missing on the machine that checks a
// configuration.
func (c *Config) Files() []string {
	var files []string
	eachFile(reflect.ValueOf(c), func(_, path string) string {
		files = append(files, path)
		return path
	})
	return files
}

// Contents returns those of [Config.Files] whose content counts, for example secrets: a directory
// or an empty file in their place is a fault. An empty web.config_file asks for nothing, and is none.
func (c *Config) Contents() []string {
	var files []string
	eachFile(reflect.ValueOf(c), func(key, path string) string {
		if strings.HasSuffix(key, "_file") && key != "config_file" {
			files = append(files, path)
		}
		return path
	})
	return files
}

// resolvePaths makes the paths in a configuration file relative to the directory of
// that file, as Prometheus does.
func (c *Config) resolvePaths(d document) {
	if d.root == nil {
		return
	}
	dir := filepath.Dir(d.name)
	beside := func(_, path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(dir, path)
	}
	eachFile(reflect.ValueOf(c), beside)
	c.resolveAllowed(beside)
	if d.has("history.path") {
		c.History.Path = beside("path", c.History.Path)
	}
}

// resolveAllowed does so with the directories that a scale test may reach. They are compared with
// those of the sinks, and not read.
func (c *Config) resolveAllowed(beside func(key, path string) string) {
	if c.ScaleTest == nil {
		return
	}
	for i, path := range c.ScaleTest.Allow.Directories {
		if path != "" {
			c.ScaleTest.Allow.Directories[i] = beside("directories", path)
		}
	}
}

// exchangeType is the type of the advisor's file provider. Its keys do not show by name
// that they are paths.
var exchangeType = reflect.TypeFor[llm.FileConfig]()

// exchanged are the keys of the advisor's file provider.
var exchanged = []string{"prompt", "answer"}

// sourceType is the type of a place with sources, and sourceKeys are its keys that are paths.
var (
	sourceType = reflect.TypeFor[advisor.SourceRoot]()
	sourceKeys = []string{"dir", "git", "jar"}
)

// directoryType is the type of a sink that is a directory.
var directoryType = reflect.TypeFor[files.SinkConfig]()

// backupType is the type of the copies of the history, which are in a directory.
var backupType = reflect.TypeFor[history.BackupConfig]()

// namesFile reports whether the value of a key is the path of a file.
func namesFile(key string, in reflect.Type) bool {
	return strings.HasSuffix(key, "_file") || in == exchangeType && slices.Contains(exchanged, key) ||
		(in == directoryType || in == backupType) && key == "directory" || in == sourceType && slices.Contains(sourceKeys, key)
}

// eachFile replaces every path of a file in a configuration by what change returns for its key. A
// path that stays is not written: others may read the configuration at the same time.
func eachFile(v reflect.Value, change func(key, path string) string) {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			eachFile(v.Index(i), change)
		}
	case reflect.Struct:
		for field := range v.Type().Fields() {
			if !field.IsExported() {
				continue
			}
			value := v.FieldByIndex(field.Index)
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if value.Kind() == reflect.String && namesFile(name, v.Type()) {
				setPath(value, name, change)
				continue
			}
			eachFile(value, change)
		}
	}
}

func setPath(v reflect.Value, key string, change func(key, path string) string) {
	old := v.String()
	if old == "" {
		return
	}
	if path := change(key, old); path != old {
		v.SetString(path)
	}
}
