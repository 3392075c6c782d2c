package redact

import "strings"

// Masked stands where a secret was.
const Masked = "[redacted]"

// Secrets masks what opens something: passwords, keys, tokens. Addresses and ids
// stay, so that people can still act on what they read.
func Secrets(text string) string {
	text = maskForms(text)
	text = maskKeyed(text)
	text = maskPatterns(text)
	return maskRuns(text, looksRandom)
}

// Text masks what opens or identifies something, in text on its way out: secrets,
// mail addresses, IP addresses, and long ids.
func Text(text string) string {
	text = Secrets(text)
	text = email.ReplaceAllString(text, Masked)
	text = maskRuns(text, isLongHex)
	return address.ReplaceAllStringFunc(text, maskAddress)
}

// Setting returns a setting's value as it may be stored and shown.
func Setting(key, value string) string {
	if isSecretKey(key) && !isPlain(value) {
		return Masked
	}
	return Secrets(value)
}

// isPlain says whether a value is none that could be a secret.
func isPlain(value string) bool {
	switch strings.ToLower(value) {
	case "", "true", "false", "null", "none", "nil", "required", "optional", "enabled", "disabled", "value", Masked:
		return true
	}
	return false
}
