package redact

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// gitleaks holds the rules of gitleaks 8.30.1 (config/gitleaks.toml, MIT, see
// gitleaks.LICENSE) that need only the text, as JSON with one rule per line.
//
//go:embed gitleaks.json
var gitleaks []byte

// leakRule is one rule of gitleaks.
type leakRule struct {
	ID    string `json:"id"`
	Regex string `json:"regex"`
	// Group is the group that contains the secret; 0 means the first group that matched.
	Group int `json:"group"`
	// Entropy is the least entropy of the secret, in bits per character.
	Entropy float64 `json:"entropy"`
	// Keywords are in lower case. Every text that the rule matches contains one of them.
	Keywords []string `json:"keywords"`

	once     sync.Once
	compiled *regexp.Regexp
}

// leakRules reads the rules on first use. A rule is compiled only when a text contains one
// of its keywords, so most rules are never compiled.
var leakRules = sync.OnceValue(func() []*leakRule {
	var rules []*leakRule
	if err := json.Unmarshal(gitleaks, &rules); err != nil {
		panic(fmt.Sprintf("gitleaks.json: %v", err)) // the file is embedded, and a test reads it
	}
	return rules
})

// maskPatterns masks the secrets that the rules of gitleaks find.
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

// secret returns the position of the secret in a match.
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
