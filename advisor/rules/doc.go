// Package rules holds the rules of the advisor: one file per family of causes, and one
// value per rule. The pattern, the judge and the texts of a rule stand side by side.
//
// To add a rule, add a value to the file of its family, add it to [All] at the place
// where its stacks should be counted, and plant it in a profile in
// advisor/planted_test.go.
//
// Patterns match fragments of library names if shading is usual: Flink and many jobs
// contain Jackson under a package of their own.
package rules
