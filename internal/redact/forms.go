package redact

import (
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

// form is a pattern and its replacement; $1 in the replacement keeps the first group.
type form struct {
	find func() *regexp.Regexp
	with string
	// hints are in lower case. Every text that the pattern matches contains one of them.
	// A search for the hints is faster than the pattern. Without hints the pattern is
	// always tried.
	hints []string
}

func newForm(with, pattern string, hints ...string) form {
	return form{find: lazyregexp.New(pattern), with: with, hints: hints}
}

// forms match secrets by their own format or by the text around them, not by the name of a
// setting. For prefixes of providers, any length after the prefix matches; the rules of
// gitleaks check the exact length.
var forms = []form{
	newForm(Masked, `(?s)-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|$)`, "-----begin"),
	// User and password in addresses, even if the password contains / or @.
	newForm("${1}"+Masked+"@", `(?i)([a-z][a-z0-9+.-]*://)[^/\s@"'<>]+@`, "://"),
	newForm("${1}"+Masked+"@", `(?i)([a-z][a-z0-9+.-]*://)[^/\s:@"'<>]*:[^\s"'<>@]*@`, "://"),
	newForm("${1}"+Masked+"@", `(?i)(jdbc:oracle:[a-z]+:)[^/\s@]+/[^\s@]+@`, "jdbc:oracle"),
	newForm("${1}"+Masked, `(?i)(hooks\.slack\.com/(?:services|workflows)/|discord(?:app)?\.com/api/webhooks/|`+
		`\.webhook\.office\.com/)[^\s"'<>]+`, "hooks.slack.com", "/api/webhooks/", ".webhook.office.com"),
	newForm("${1}"+Masked, `(?i)([?&](?:code|key|sig|st|auth)=)[^&\s"'<>]+`, "code=", "key=", "sig=", "st=", "auth="),
	// Headers, XML elements, Hadoop's pairs of name and value, SQL.
	newForm("$1 "+Masked, `(?i)\b(bearer|basic|apikey|digest|negotiate|ntlm)[ \t]+`+
		`(?:[a-z0-9+/_.~-]+[0-9=][a-z0-9+/_.=~-]*|[a-z0-9+/_.~-]{20,})`,
		"bearer", "basic", "apikey", "digest", "negotiate", "ntlm"),
	newForm("${1}"+Masked+"<", `(?i)(<(?:[\w.:-]*(?:`+longWords+`)[\w.:-]*)>)[^<]+<`, "</"),
	newForm("${1}"+Masked+"<", `(?i)(<name>[^<]*(?:`+longWords+`)[^<]*</name>\s*<value>)[^<]+<`, "</name>"),
	newForm("$1$2"+Masked, `(?i)\b(identified[ \t]+by|password)([ \t]+)(?:'[^']*'|"[^"]*")`, "identified", "password"),
	// Command lines, environments and sentences.
	newForm("${1}"+Masked, `(?i)((?:^|\s)(?:-u|--user|--proxy-user)[ \t=]+)["']?[^\s:"']+:[^\s"']+["']?`,
		"-u", "--user", "--proxy-user"),
	newForm("${1}"+Masked, `(?i)(\bsshpass[ \t]+-p[ \t]*|\bmysql\w*\b[^|;\n]*?[ \t]-p|`+
		`\bredis-cli\b[^|;\n]*?[ \t]-a[ \t]+)[^\s-]\S*`, "sshpass", "mysql", "redis-cli"),
	newForm("${1}"+Masked, `(?i)\b((?:password|passphrase|token|secret)[ \t]+(?:is|was)[ \t]+["']?)[^\s"']*\d[^\s"']*`,
		"is", "was"),
	newForm("${1}"+Masked, `\b((?:[A-Z0-9]+_)*(?:PASSWORD|PASSWD|TOKEN|SECRET|API_KEY|AUTH)[ \t]+)`+
		`[^\s"']*[a-z0-9][^\s"']*\d[^\s"']*`, "password", "passwd", "token", "secret", "api_key", "auth"),
	newForm("${1}"+Masked, `(?i)\b((?:requirepass|masterauth|bindpw|rootpw)[ \t]+)\S+`,
		"requirepass", "masterauth", "bindpw", "rootpw"),
	// Keys and tokens with the prefixes of providers.
	newForm(Masked, `\bip-\d+-\d+-\d+-\d+`, "ip-"),
	newForm(Masked, `\beyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,2}`, "eyj"),
	newForm(Masked, `\b(?:(?:sk|pk|rk)[-_]|gl(?:sa|pat|rt|c)[_-]|gh[pousr]_|github_pat_|xox[a-z]-|xapp-|whsec_|npm_|`+
		`pypi-|dckr_pat_|hf_|gsk_|dop_v1_|doo_v1_|shp(?:at|ss|ca|pa)_|lin_api_|figd_|pul-)[A-Za-z0-9_.-]{8,}`,
		"sk-", "sk_", "pk-", "pk_", "rk-", "rk_", "gl", "gh", "xox", "xapp-", "whsec_", "npm_", "pypi-", "dckr_pat_",
		"hf_", "gsk_", "do", "shp", "lin_api_", "figd_", "pul-"),
	newForm(Masked, `\b(?:hv[sbr]\.|ya29\.|SG\.|dp\.(?:pt|st|ct)\.|dt0c01\.)[A-Za-z0-9_.-]{8,}`,
		"hv", "ya29.", "sg.", "dp.", "dt0c01."),
	newForm(Masked, `\b(?:(?:AKIA|ASIA)[A-Z0-9]{12,}|AIza[\w-]{20,}|dapi[0-9a-f]{16,}|AGE-SECRET-KEY-1[A-Z0-9]{8,}|`+
		`(?:NRAK-|ATATT3|sq0[a-z]{3}-)[A-Za-z0-9_.-]{8,})`, "akia", "asia", "aiza", "dapi", "age-", "nrak-",
		"atatt3", "sq0"),
}

func maskForms(text string) string {
	lower := strings.ToLower(text)
	for _, f := range forms {
		if len(f.hints) == 0 || containsAny(lower, f.hints) {
			text = f.find().ReplaceAllString(text, f.with)
		}
	}
	return text
}

func containsAny(text string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(text, part) })
}
