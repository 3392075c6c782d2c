package redact

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// The rules of gitleaks 8.30.1 (config/gitleaks.toml, MIT, see gitleaks.LICENSE) as
// JSON, one a line: those that look at text alone.
//
//go:embed gitleaks.json
var gitleaks []byte

// leakRule is one rule of gitleaks.
type leakRule struct {
	ID    string `json:"id"`
	Regex string `json:"regex"`
	// Group is the group that holds the secret; 0 is the first that matched.
	Group int `json:"group"`
	// Entropy is what the secret has at least, in bits for each character.
	Entropy float64 `json:"entropy"`
	// Keywords, in lower case, are in every text that the rule can match.
	Keywords []string `json:"keywords"`

	once     sync.Once
	compiled *regexp.Regexp
}

// leakRules are read when they are needed first. A rule is compiled when a text has
// one of its keywords: most never are.
var leakRules = sync.OnceValue(func() []*leakRule {
	var rules []*leakRule
	if err := json.Unmarshal(gitleaks, &rules); err != nil {
		panic(fmt.Sprintf("gitleaks.json: %v", err)) // it is part of the program, and a test reads it
	}
	return rules
})

// maskPatterns masks what a rule of gitleaks finds.
func maskPatterns(text string) string {
	lower := strings.ToLower(text)
	for _, rule := range leakRules() {
		if len(rule.Keywords) == 0 || containsAny(lower, rule.Keywords) {
			text = rule.mask(text)
		}
	}
	return text
}

func (r *leakRule) mask(text string) string {
	r.once.Do(func() { r.compiled = regexp.MustCompile(r.Regex) })
	var out strings.Builder
	at := 0
	for _, match := range r.compiled.FindAllStringSubmatchIndex(text, -1) {
		from, to := r.secret(match)
		if from < at || shannon(text[from:to]) < r.Entropy || strings.Contains(text[from:to], Masked) {
			continue
		}
		out.WriteString(text[at:from] + Masked)
		at = to
	}
	return out.String() + text[at:]
}

// secret is where in a match the secret is.
func (r *leakRule) secret(match []int) (from, to int) {
	if r.Group > 0 && 2*r.Group+1 < len(match) && match[2*r.Group] >= 0 {
		return match[2*r.Group], match[2*r.Group+1]
	}
	for group := 1; 2*group+1 < len(match); group++ {
		if match[2*group] >= 0 && match[2*group+1] > match[2*group] {
			return match[2*group], match[2*group+1]
		}
	}
	return match[0], match[1]
}
