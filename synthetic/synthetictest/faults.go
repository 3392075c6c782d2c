package synthetictest

import "github.com/flink-sidecar/flink-sidecar/internal/setting"

// FaultTexts returns faults in the form that operators read.
func FaultTexts(faults setting.Faults) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Error())
	}
	return out
}
