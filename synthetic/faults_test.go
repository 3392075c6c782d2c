package synthetic

import "github.com/flink-sidecar/flink-sidecar/internal/setting"

// texts returns faults as an operator reads them.
func texts(faults setting.Faults) []string {
	var out []string
	for _, f := range faults {
		out = append(out, f.Error())
	}
	return out
}
