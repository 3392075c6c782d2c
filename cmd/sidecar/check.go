package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

func checkConfigCommand(clause *kingpin.CmdClause) action {
	file := clause.Arg("file", "The configuration file.").Required().String()
	return func(_ context.Context, c console) error {
		cfg, err := loadConfig(*file, overrides{})
		if err != nil {
			// The faults are the result of this command, not a failure of it.
			fmt.Fprintln(c.stdout, err)
			return errReported
		}
		for _, path := range secretFiles(reflect.ValueOf(cfg)) {
			if _, err := os.Stat(path); err != nil {
				fmt.Fprintf(c.stderr, "sidecar: warning: %v (it is read at start)\n", reason(err))
			}
		}
		return nil
	}
}

func reason(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("%s: %w", pathErr.Path, pathErr.Err)
	}
	return err
}

// secretFiles returns the value of every configuration key that ends in
// "_file": files that are read when the sidecar starts and may not be on the
// machine where a configuration is checked.
func secretFiles(v reflect.Value) []string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	var files []string
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			files = append(files, secretFiles(v.Index(i))...)
		}
	case reflect.Struct:
		for field := range v.Type().Fields() {
			if !field.IsExported() {
				continue
			}
			value := v.FieldByIndex(field.Index)
			name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
			if value.Kind() == reflect.String && strings.HasSuffix(name, "_file") && value.String() != "" {
				files = append(files, value.String())
				continue
			}
			files = append(files, secretFiles(value)...)
		}
	}
	return files
}
