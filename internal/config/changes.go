package config

import (
	"reflect"
	"strings"
)

// Changes lists the keys whose values differ, as dotted paths in the order of the sections. A section
// that only one of the two has is one key, and so is a list. It tells keys, never values.
func Changes(before, after Config) []string {
	return changed("", reflect.ValueOf(before), reflect.ValueOf(after))
}

// changed lists the keys of two values of one type that differ.
func changed(path string, before, after reflect.Value) []string {
	if reflect.DeepEqual(before.Interface(), after.Interface()) {
		return nil
	}
	if before.Kind() == reflect.Pointer && !before.IsNil() && !after.IsNil() {
		before, after = before.Elem(), after.Elem()
	}
	if before.Kind() != reflect.Struct {
		return []string{path}
	}
	var out []string
	for i := range before.NumField() {
		field := before.Type().Field(i)
		key, inline := yamlKey(field)
		switch {
		case inline:
			out = append(out, changed(path, before.Field(i), after.Field(i))...)
		case key != "":
			out = append(out, changed(strings.TrimPrefix(path+"."+key, "."), before.Field(i), after.Field(i))...)
		}
	}
	if out == nil && path != "" {
		return []string{path} // a value that is written as a whole, such as an address
	}
	return out
}

// yamlKey is the key of a field; empty for one that is not in the file.
func yamlKey(field reflect.StructField) (key string, inline bool) {
	key, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	if !field.IsExported() || key == "-" {
		return "", false
	}
	return key, options == "inline"
}

// Under reports whether a key is one of the given ones, or below one of them.
func Under(key string, ones ...string) bool {
	for _, one := range ones {
		if key == one || strings.HasPrefix(key, one+".") {
			return true
		}
	}
	return false
}
