package redact

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"
)

// Masked stands where a secret was.
const Masked = "[redacted]"

// secretKey are names of settings whose value is a secret whatever it looks like.
var secretKey = regexp.MustCompile(`(?i)(pass(word|wd|phrase)?|secret|token|credential|api[._-]?key|access[._-]?key|private[._-]?key|account[._-]?key|authorization|cookie|jaas|keytab|sas[._-]?key)`)

// Setting returns a setting's value as it may be stored and shown.
func Setting(key, value string) string {
	if secretKey.MatchString(key) {
		return Masked
	}
	return credentials(value)
}

// A replacement is a pattern and what it becomes; $1 keeps its first group.
type replacement struct {
	find *regexp.Regexp
	with string
}

// credentialForms are secrets that can be told by what stands around them.
var credentialForms = []replacement{
	{regexp.MustCompile(`(?s)-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|$)`), Masked},
	{regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)[^/\s@"']+@`), "${1}" + Masked + "@"},
	{regexp.MustCompile(`(?i)\b(bearer|basic|apikey|digest)\s+[a-z0-9+/_.=~-]{6,}`), "$1 " + Masked},
	{regexp.MustCompile(`(?i)((?:[a-z0-9_.-]*(?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|api[._-]?key|access[._-]?key|private[._-]?key|account[._-]?key|signature|authorization|username))["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;&"']+)`), "${1}" + Masked},
	{regexp.MustCompile(`\bip-\d+-\d+-\d+-\d+`), Masked},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,2}`), Masked},
	{regexp.MustCompile(`\b(sk|pk|rk)-[A-Za-z0-9_-]{8,}|\bgl(sa|pat)[_-][A-Za-z0-9_-]{8,}|\bgh[pousr]_[A-Za-z0-9]{8,}|\bgithub_pat_\w{8,}|\bxox[a-z]-[A-Za-z0-9-]{8,}|\b(AKIA|ASIA)[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bhf_[A-Za-z0-9]{8,}`), Masked},
}

// credentials masks secrets that stand in a text.
func credentials(text string) string {
	for _, r := range credentialForms {
		text = r.find.ReplaceAllString(text, r.with)
	}
	return text
}

var (
	email   = regexp.MustCompile(`[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`)
	address = regexp.MustCompile(`[\w.:]*[\w:]`)
	longRun = regexp.MustCompile(`[A-Za-z0-9+/_=-]{20,}`)
)

// Text masks whatever identifies or opens something, in text on its way out.
func Text(text string) string {
	text = credentials(text)
	text = email.ReplaceAllString(text, Masked)
	text = longRun.ReplaceAllStringFunc(text, maskRun)
	return address.ReplaceAllStringFunc(text, maskAddress)
}

// maskAddress masks what netip takes for an address. Times such as 12:34:56 and
// versions such as 1.20.5 are none.
func maskAddress(candidate string) string {
	if _, err := netip.ParseAddr(candidate); err == nil {
		return Masked
	}
	host, port, ok := strings.Cut(candidate, ":")
	if _, err := netip.ParseAddr(host); ok && err == nil {
		return Masked + ":" + port
	}
	return candidate
}

// From how many characters a run of hex digits or of base64 is taken for an id
// or a key.
const (
	longHex    = 24
	longBase64 = 28
)

// maskRun masks long hex and base64. A path or a class name is a run of the same
// characters, but of words: few digits, and no piece that is long and mixed.
func maskRun(run string) string {
	for piece := range strings.SplitSeq(run, "/") {
		if looksRandom(piece) {
			return Masked
		}
	}
	if len(run) >= longBase64 && looksRandom(strings.ReplaceAll(run, "/", "")) && digits(run) >= len(run)/10 {
		return Masked
	}
	return run
}

func looksRandom(piece string) bool {
	trimmed := strings.TrimRight(piece, "=")
	n := digits(trimmed)
	if len(trimmed) >= longHex && n >= 3 && strings.Trim(strings.ToLower(trimmed), "0123456789abcdef-") == "" && n < len(trimmed) {
		return true
	}
	return len(trimmed) >= longBase64 && n >= 3 && changes(trimmed) >= len(trimmed)/3
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// changes counts how often the kind of character (upper, lower, digit, other)
// changes along s: rarely in words, about every second character in base64.
func changes(s string) int {
	n, last := 0, -1
	for _, r := range s {
		kind := 3
		switch {
		case unicode.IsUpper(r):
			kind = 0
		case unicode.IsLower(r):
			kind = 1
		case unicode.IsDigit(r):
			kind = 2
		}
		if last >= 0 && kind != last {
			n++
		}
		last = kind
	}
	return n
}
