// Package scenario scores advice against known answers. A scenario is a recorded bundle of a
// real job, and an answer: what was planted in the job, and what advice must say about it.
//
//	recorded/NAME/answer.yaml      written by a person, see [Answer]
//	recorded/NAME/bundle.json      recorded, see internal/evidence/bundlefile
//	recorded/NAME/profiles/        its profiles
//
// The shares and counts of an answer are not written down. A slow counter of this package
// counts them in the profiles, by other means than the rules ([Share.Of], [recount]).
//
// The package does not know the advisor: who calls [Run] passes a function that advises.
package scenario
