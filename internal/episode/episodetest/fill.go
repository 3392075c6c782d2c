// Package episodetest fills entries of the history for tests.
package episodetest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"time"
)

// start is before every time that is filled in.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Filler gives each field another value, never zero.
type Filler struct{ n int }

// Fill fills what v points to.
func (f *Filler) Fill(v any) { f.value(reflect.ValueOf(v).Elem(), "") }

// value fills v. The name is that of its field.
func (f *Filler) value(v reflect.Value, name string) {
	f.n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(start.Add(time.Duration(f.n) * 1500 * time.Millisecond)))
		return
	case json.RawMessage:
		v.SetBytes(fmt.Appendf(nil, `{"n":%d}`, f.n))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.value(v.Elem(), name)
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.IsExported() {
				f.value(v.Field(i), field.Name)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			f.value(v.Index(i), name)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		f.value(key, name)
		f.value(value, name)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString(fmt.Sprintf("%s <%d> é", name, f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(float64(f.n) + 0.5)
	default:
		if v.CanInt() {
			v.SetInt(int64(f.n))
		} else {
			v.SetUint(uint64(f.n))
		}
	}
}
