package stat

import "gonum.org/v1/gonum/stat"

// BetweenShare returns the share of the variance of single values that comes from the
// differences between groups: 0 if all groups have the same mean, near 1 if the values of a
// group are alike. It is the intraclass correlation of the analysis of variance with one
// random factor (R. A. Fisher, "Statistical methods for research workers", chapter 7):
//
//	between = (mean square between - mean square within) / n₀, at least 0
//	share   = between / (between + mean square within)
//
// where n₀ = (N - Σnᵢ²/N) / (k-1) is the size of a group, for N values in k groups. ok is
// false if there are fewer than two groups, no group has two values, or nothing varies.
func BetweenShare(groups [][]float64) (share float64, ok bool) {
	var all []float64
	squares, within := 0.0, 0.0
	for _, g := range groups {
		n := float64(len(g))
		all, squares = append(all, g...), squares+n*n
		if len(g) > 1 {
			within += stat.Variance(g, nil) * (n - 1)
		}
	}
	total, k := float64(len(all)), float64(len(groups))
	if k < 2 || total <= k {
		return 0, false
	}
	around := stat.Variance(all, nil)*(total-1) - within
	inside := within / (total - k)
	between := max(0, (around/(k-1)-inside)/((total-squares/total)/(k-1)))
	if !(between+inside > 0) {
		return 0, false
	}
	return between / (between + inside), true
}
