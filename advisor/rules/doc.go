// Package rules is what the advisor knows by itself: a file for each family of
// causes, and in it one value for each rule. Pattern, judge and text of a rule
// stand side by side.
//
// To add a rule, add a value to the file of its family, add it to [All] at the
// place where its stacks shall be counted, and plant it in a profile in
// advisor/rules_test.go.
//
// Patterns name libraries by fragments where shading is usual: Flink and many
// jobs carry Jackson under a package of their own.
package rules
