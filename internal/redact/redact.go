package redact

import "strings"

// Masked replaces a secret.
const Masked = "[redacted]"

// Secrets masks secrets: passwords, keys and tokens. Addresses and ids stay, because people
// need them to act.
func Secrets(text string) string {
	text = maskForms(text)
	text = maskKeyed(text)
	text = maskPatterns(text)
	return maskRuns(text, looksRandom)
}

// Text masks secrets, mail addresses, IP addresses and long ids, for text that leaves the
// sidecar.
func Text(text string) string {
	text = Secrets(text)
	text = email().ReplaceAllString(text, Masked)
	text = maskRuns(text, isLongHex)
	return address().ReplaceAllStringFunc(text, maskAddress)
}

// Setting returns a setting's value in a form that may be stored and shown.
func Setting(key, value string) string {
	if isSecretKey(key) && !isPlain(value) {
		return Masked
	}
	return Secrets(value)
}

// isPlain reports whether a value cannot be a secret.
func isPlain(value string) bool {
	switch strings.ToLower(value) {
	case "", "true", "false", "null", "none", "nil", "required", "optional", "enabled", "disabled", "value", Masked:
		return true
	}
	return false
}
