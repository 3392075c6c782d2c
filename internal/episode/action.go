package episode

import "slices"

// Action is a step of an episode that a rule can leave out.
type Action string

// The actions.
const (
	ActionProfile  Action = "profile"
	ActionAnnotate Action = "annotate"
	ActionAdvise   Action = "advise"
	ActionNotify   Action = "notify"
)

// Omits reports whether the rule of the alert leaves out an action.
func (a Alert) Omits(action Action) bool { return slices.Contains(a.Omit, action) }
