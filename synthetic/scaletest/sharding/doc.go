// Package sharding lets several processes send one scale test together. The holder of the
// history has [Groups]: it tells the processes when an iteration begins, merges what they
// measured, and says which of them is missing. A process knows the others only through it.
package sharding
