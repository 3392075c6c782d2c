package config

import (
	"reflect"
	"strings"
)

// SecretFiles returns the value of every configuration key that ends in
// "_file": files that are read when the sidecar starts and may not be on the
// machine where a configuration is checked.
func SecretFiles(v reflect.Value) []string {
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
			files = append(files, SecretFiles(v.Index(i))...)
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
			files = append(files, SecretFiles(value)...)
		}
	}
	return files
}
