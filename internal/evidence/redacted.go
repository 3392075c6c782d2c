package evidence

import (
	"iter"
	"maps"
	"reflect"

	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// Redacted returns a copy of the bundle with the secrets masked in every text: names, values
// of settings, sentences and the frames of profiles. All evidence passes it, before it is
// judged, stored or written.
func (b Bundle) Redacted() Bundle {
	config, profiles := b.Config, b.Profiles
	b.Config, b.Profiles = nil, nil
	b = b.Mapped(redact.Secrets)
	if config != nil {
		b.Config = make(map[string]string, len(config))
	}
	for key, value := range config {
		b.Config[redact.Secrets(key)] = redact.Setting(key, value)
	}
	for _, p := range profiles {
		stacks := p.Stacks
		p.Stacks = nil
		p = mapped(reflect.ValueOf(p), redact.Secrets).Interface().(Profile)
		p.Stacks = maskedStacks(stacks)
		b.Profiles = append(b.Profiles, p)
	}
	return b
}

// Mapped returns a copy of a bundle with change applied to each text but the frames of profiles. A
// field that is added later is changed too, because it goes over all fields.
func (b Bundle) Mapped(change func(string) string) Bundle {
	return mapped(reflect.ValueOf(b), change).Interface().(Bundle)
}

func mapped(v reflect.Value, change func(string) string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch v.Kind() {
	case reflect.String:
		out.SetString(change(v.String()))
	case reflect.Pointer:
		if !v.IsNil() {
			out.Set(reflect.New(v.Type().Elem()))
			out.Elem().Set(mapped(v.Elem(), change))
		}
	case reflect.Slice:
		if !v.IsNil() {
			out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		for i := range v.Len() {
			out.Index(i).Set(mapped(v.Index(i), change))
		}
	case reflect.Map:
		if !v.IsNil() {
			out.Set(reflect.MakeMapWithSize(v.Type(), v.Len()))
		}
		for key, value := range v.Seq2() {
			out.SetMapIndex(mapped(key, change), mapped(value, change))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				out.Field(i).Set(mapped(v.Field(i), change))
			}
		}
	}
	return out
}

// maskedStacks masks each distinct frame once. The slice that it yields is reused.
func maskedStacks(stacks iter.Seq2[[]string, int64]) iter.Seq2[[]string, int64] {
	if stacks == nil {
		return nil
	}
	known := map[string]string{}
	for stack := range stacks {
		for _, frame := range stack {
			if _, ok := known[frame]; !ok {
				known[frame] = redact.Secrets(frame)
			}
		}
	}
	maps.DeleteFunc(known, func(frame, shown string) bool { return frame == shown })
	if len(known) == 0 {
		return stacks
	}
	return func(yield func([]string, int64) bool) {
		var out []string
		for stack, samples := range stacks {
			out = append(out[:0], stack...)
			for i, frame := range out {
				if shown, ok := known[frame]; ok {
					out[i] = shown
				}
			}
			if !yield(out, samples) {
				return
			}
		}
	}
}
