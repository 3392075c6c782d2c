package redact

import "regexp"

// A replacement is a pattern and what it becomes; $1 keeps its first group.
type replacement struct {
	find *regexp.Regexp
	with string
}

// forms are secrets that can be told by their own shape or by what stands around
// them, and not by the name of a setting. Prefixes of providers are looked for in
// any length: gitleaks knows the exact ones.
var forms = []replacement{
	{regexp.MustCompile(`(?s)-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|$)`), Masked},
	// User and password in addresses, also with / or @ in the password.
	{regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)[^/\s@"'<>]+@`), "${1}" + Masked + "@"},
	{regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)[^/\s:@"'<>]*:[^\s"'<>@]*@`), "${1}" + Masked + "@"},
	{regexp.MustCompile(`(?i)(jdbc:oracle:[a-z]+:)[^/\s@]+/[^\s@]+@`), "${1}" + Masked + "@"},
	{regexp.MustCompile(`(?i)(hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/|\.webhook\.office\.com/)[^\s"'<>]+`), "${1}" + Masked},
	{regexp.MustCompile(`(?i)([?&](?:code|key|sig|st|auth)=)[^&\s"'<>]+`), "${1}" + Masked},
	{regexp.MustCompile(`(?i)\b(bearer|basic|apikey|digest|negotiate|ntlm)[ \t]+(?:[a-z0-9+/_.~-]+[0-9=][a-z0-9+/_.=~-]*|[a-z0-9+/_.~-]{20,})`), "$1 " + Masked},
	// XML: an element of that name, or Hadoop's pair of name and value.
	{regexp.MustCompile(`(?i)(<(?:[\w.:-]*(?:` + longWords + `)[\w.:-]*)>)[^<]+<`), "${1}" + Masked + "<"},
	{regexp.MustCompile(`(?i)(<name>[^<]*(?:` + longWords + `)[^<]*</name>\s*<value>)[^<]+<`), "${1}" + Masked + "<"},
	{regexp.MustCompile(`(?i)\b(identified[ \t]+by|password)([ \t]+)(?:'[^']*'|"[^"]*")`), "$1$2" + Masked},
	{regexp.MustCompile(`(?i)((?:^|\s)(?:-u|--user|--proxy-user)[ \t=]+)["']?[^\s:"']+:[^\s"']+["']?`), "${1}" + Masked},
	{regexp.MustCompile(`(?i)(\bsshpass[ \t]+-p[ \t]*|\bmysql\w*\b[^|;\n]*?[ \t]-p|\bredis-cli\b[^|;\n]*?[ \t]-a[ \t]+)[^\s-]\S*`), "${1}" + Masked},
	{regexp.MustCompile(`(?i)\b((?:password|passphrase|token|secret)[ \t]+(?:is|was)[ \t]+["']?)[^\s"']*\d[^\s"']*`), "${1}" + Masked},
	{regexp.MustCompile(`\b((?:[A-Z0-9]+_)*(?:PASSWORD|PASSWD|TOKEN|SECRET|API_KEY|AUTH)[ \t]+)[^\s"']*[a-z0-9][^\s"']*\d[^\s"']*`), "${1}" + Masked},
	{regexp.MustCompile(`(?i)\b((?:requirepass|masterauth|bindpw|rootpw)[ \t]+)\S+`), "${1}" + Masked},
	{regexp.MustCompile(`\bip-\d+-\d+-\d+-\d+`), Masked},
	{regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,2}`), Masked},
	{regexp.MustCompile(`\b(?:(?:sk|pk|rk)[-_]|gl(?:sa|pat|rt|c)[_-]|gh[pousr]_|github_pat_|xox[a-z]-|xapp-|whsec_|npm_|pypi-|dckr_pat_|hf_|gsk_|` +
		`dop_v1_|doo_v1_|shp(?:at|ss|ca|pa)_|lin_api_|figd_|NRAK-|ATATT3|dp\.(?:pt|st|ct)\.|dt0c01\.|sq0[a-z]{3}-|pul-)[A-Za-z0-9_.-]{8,}`), Masked},
	{regexp.MustCompile(`\b(?:hv[sbr]\.|ya29\.|SG\.)[A-Za-z0-9_.-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\bdapi[0-9a-f]{16,}|\bAGE-SECRET-KEY-1[A-Z0-9]{8,}`), Masked},
}

func maskForms(text string) string {
	for _, form := range forms {
		text = form.find.ReplaceAllString(text, form.with)
	}
	return text
}
