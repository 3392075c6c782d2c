package groupdiff

import (
	"cmp"
	"math"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Frame is one frame of a comparison. Percentages are means over the profiles, of the samples
// whose top frame it is.
type Frame struct {
	Name     string `json:"name"`
	Category string `json:"category"`
	// BasePercent and NewPercent are the shares, Points the difference in percentage points.
	BasePercent float64 `json:"base_percent"`
	NewPercent  float64 `json:"new_percent"`
	Points      float64 `json:"points"`
	// BaseCPU and NewCPU are the shares of the CPU time of the sides; nil unless both are known.
	BaseCPU *float64 `json:"base_cpu_seconds_per_million,omitempty"`
	NewCPU  *float64 `json:"new_cpu_seconds_per_million,omitempty"`
	// DetectablePoints is the smallest growth that as many such profiles find in about three of
	// four comparisons.
	DetectablePoints float64 `json:"detectable_points"`
	// AdjustedP is the false discovery rate at which this frame would just count.
	AdjustedP float64       `json:"adjusted_p"`
	Verdict   flame.Verdict `json:"verdict"`
	// Moved says where the cost came from or went to, if it only moved; else empty. Such a
	// frame has its verdict, and is no change of cost.
	Moved string `json:"moved,omitempty"`
}

// Side describes a group.
type Side struct {
	Profiles int   `json:"profiles"`
	Samples  int64 `json:"samples"`
	// CPUPerMillion is the CPU time of all TaskManagers for a million records, in seconds; nil if
	// it is unknown.
	CPUPerMillion *float64 `json:"cpu_seconds_per_million,omitempty"`
}

// Report is a comparison of two groups of profiles.
type Report struct {
	Base Side `json:"base"`
	New  Side `json:"new"`
	// Tested is the number of frames with enough samples.
	Tested int `json:"tested"`
	// Frames are the tested ones. Changes of cost come first, then moved ones, then the rest;
	// each by the size of the change.
	Frames []Frame `json:"frames"`
}

// Cost gives each frame its share of the CPU time for a million records, in seconds, of the group
// that it is of. Nothing changes unless both are known.
func (r *Report) Cost(base, next *float64) {
	if base == nil || next == nil {
		return
	}
	r.Base.CPUPerMillion, r.New.CPUPerMillion = base, next
	for i := range r.Frames {
		f := &r.Frames[i]
		f.BaseCPU, f.NewCPU = new(f.BasePercent/100**base), new(f.NewPercent/100**next)
	}
}

// costed reports whether the CPU time of frames is known.
func (r Report) costed() bool { return r.Base.CPUPerMillion != nil && r.New.CPUPerMillion != nil }

func byImportance(a, b Frame) int {
	return cmp.Or(cmp.Compare(a.class(), b.class()), cmp.Compare(math.Abs(b.Points), math.Abs(a.Points)),
		strings.Compare(a.Name, b.Name))
}

// class is 0 for a change of cost, 1 for a cost that moved, 2 for no change.
func (f Frame) class() int {
	switch {
	case f.Verdict == flame.Unchanged:
		return 2
	case f.Moved != "":
		return 1
	}
	return 0
}

// Changed are the frames whose cost changed, and MovedOnly those whose cost moved.
func (r Report) Changed() (changed, movedOnly []Frame) {
	for _, f := range r.Frames {
		switch f.class() {
		case 0:
			changed = append(changed, f)
		case 1:
			movedOnly = append(movedOnly, f)
		}
	}
	return changed, movedOnly
}
