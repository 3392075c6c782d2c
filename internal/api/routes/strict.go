package routes

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decodeStrict reads one JSON value into v. A key that v does not have is an error that
// names the keys there are: a misspelled one must not count as left out.
func decodeStrict(body []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if err := decoder.Decode(v); err != nil {
		return err
	}
	if _, more := decoder.Token(); more != io.EOF { //nolint:errorlint // Token returns io.EOF itself
		return errors.New("the body has text after its JSON value")
	}
	var content any
	if err := json.Unmarshal(body, &content); err != nil {
		return err
	}
	return checkKeys(content, reflect.TypeOf(v).Elem(), "")
}

// unknownKeyError refuses a key that there is not.
type unknownKeyError struct {
	key string
	err error
}

// Error is that of the request.
func (e *unknownKeyError) Error() string { return e.err.Error() }

// Unwrap returns the error of the request.
func (e *unknownKeyError) Unwrap() error { return e.err }

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

// checkKeys compares the keys of a value with the fields of the type that it was read into.
func checkKeys(content any, t reflect.Type, path string) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return nil
	}
	switch content := content.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			return nil
		}
		for i, item := range content {
			if err := checkKeys(item, t.Elem(), path+"["+strconv.Itoa(i)+"]"); err != nil {
				return err
			}
		}
	case map[string]any:
		return checkObject(content, t, path)
	}
	return nil
}

func checkObject(content map[string]any, t reflect.Type, path string) error {
	if t.Kind() != reflect.Map && t.Kind() != reflect.Struct {
		return nil
	}
	fields := fieldsOf(t)
	for _, key := range slices.Sorted(maps.Keys(content)) {
		at := strings.TrimPrefix(path+"."+key, ".")
		inner, known := fields[key]
		if t.Kind() == reflect.Map {
			inner, known = t.Elem(), true
		}
		if !known {
			return &unknownKeyError{shorten(at), badRequest("unknown key %q (there are: %s)", shorten(at),
				strings.Join(slices.Sorted(maps.Keys(fields)), ", "))}
		}
		if err := checkKeys(content[key], inner, at); err != nil {
			return err
		}
	}
	return nil
}

// fieldsOf returns the JSON keys of a struct with their types.
func fieldsOf(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	if t.Kind() != reflect.Struct {
		return fields
	}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.IsExported() && !field.Anonymous && name != "-" {
			if name == "" {
				name = field.Name
			}
			fields[name] = field.Type
		}
	}
	return fields
}

// maxQuoted is how much of a sender's text an error repeats, in bytes.
const maxQuoted = 100

func shorten(text string) string {
	if len(text) <= maxQuoted {
		return text
	}
	return text[:maxQuoted] + "…"
}
