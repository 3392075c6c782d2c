// Package groupdiff says which frames changed between two groups of profiles, for example all
// those of two epochs. [flame.Alignment.Compare] compares two single profiles; its unit is the
// sample. Here the unit is the profile: two profiles of one program differ by more than their
// samples explain, because of what the job did meanwhile. A change counts only if it is large
// beside that.
//
//  1. [Compare] counts the self samples of each frame in each profile, as a share of the
//     profile: neither the sampling rate nor the load is in it.
//  2. Each frame is tested (welch.go), with the spread between the profiles (spread.go).
//  3. The rate of false discoveries is held (discoveries.go).
//  4. Frames whose cost only moved to another frame are marked (moved.go): code was renamed,
//     inlined or extracted.
package groupdiff
