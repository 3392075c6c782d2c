package redact

import (
	"regexp"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

// Parts of the names of settings, fields, headers and variables with a secret value. The
// short words match only at the beginning of a word.
const (
	longWords = `pass(?:word|wd|phrase|code|wort|ord)s?|kennwort|wachtwoord|senha|contrase.{1,2}a|mot.?de.?passe|` +
		`secret(?:[._-]?access)?(?:[._-]?keys?)?|tokens?|credentials?|` +
		`(?:api|access|account|private|shared|encryption|signing|master|session|storage|sas|license|app|` +
		`application|consumer|subscription|client|service)[._-]?key(?:s|[._-]?id)?|` +
		`sharedaccess(?:key|signature)|signature|authorization|cookies?|jaas[._-]?config|keytab|` +
		`user[._-]?info|username|sessid|sessionid|requirepass|masterauth|bindpw|rootpw`
	shortWords = `pass|pwd|pw|pws|sig|sas|auth|creds?|sid|session[._-]?id|hmac|otp|salt|pepper|nonce|digest|license`
	// The rest of a name: password1, secret.key, fs.azure.account.key.NAME.
	keyTail = `\d*(?:[._-][\w.-]*)?`
	// The end of a name with a long or short word, also in camel case.
	secretName = `(?:(?i:` + longWords + `)` + keyTail + `|` +
		`(?:\b|_|%[0-9A-Fa-f]{2})(?i:` + shortWords + `)` + keyTail + `|[a-z](?:Pw|Pwd|Pass|Sig|Auth))`
	before = `[\w.$-]*`
	blank  = `[\s\p{Zs}]`
)

// secretKey matches a whole name.
var secretKey = lazyregexp.New(`(?:^|[._-])(?i:` + shortWords + `)` + keyTail + `$|` +
	`[a-z](?:Pw|Pwd|Pass|Sig|Auth)$|(?i:` + longWords + `)` + keyTail + `$|(?i:jaas)`)

func isSecretKey(key string) bool { return secretKey().MatchString(key) }

// keyed finds a name with a secret value, and the text between the name and the value.
type keyed struct {
	find  func() *regexp.Regexp
	hints []string // every match contains one of them
}

var names = []keyed{
	// {"key": "password", "value": X}, also in YAML
	{lazyregexp.New(`(?i)\b(?:name|key)\\*["']?` + blank + `*[:=]` + blank + `*\\*["']?` + before +
		secretName + `\\*["']?` +
		blank + `*,?` + blank + `*\\*["']?value\\*["']?` + blank + `*[:=]` + blank + `*`), []string{":", "="}},
	// password = X, "password": X, ['password'] => X, password%3DX, password: |
	{lazyregexp.New(secretName + "(?:\\\\*[\"'`]\\]?|%22)?" + blank + `*(?:::[ \t]+|:=|=>|[=:]|%3[AaDd])[ \t]*` +
		`(?:[|>][+-]?[ \t]*\n)?` + blank + `*?[\[({]*[ \t]*`), []string{"=", ":", "%3"}},
	// ("password", X)
	{lazyregexp.New("[\"'`]" + before + secretName + "[\"'`]" + blank + `*,` + blank + `*`), []string{"\"", "'", "`"}},
	// --password X
	{
		lazyregexp.New(`(?i)(?:^|[\s"'\[,])--?(?:[\w.-]*(?:` + longWords + `|pwd|pw)[\w.-]*|pass)["']?[ \t,]+`),
		[]string{"-"},
	},
}

// sourceFile matches the end of a file's name in a stack trace: TokenParser.java:12.
var sourceFile = lazyregexp.New(`(?i)\.(?:java|scala|kt|groovy|py|go|cpp|c|h)["'\x60]?:$`)

// header matches names of headers whose secret may continue to the end of the line.
var header = lazyregexp.New(`(?i)cookie|authorization`)

// measure matches the end of names of durations, counts and sizes; amount matches their
// values. They are not secrets.
var (
	measure = lazyregexp.New(`(?i)[._-](?:ms|time|timeout|interval|period|backoff|lifetime|ttl|age|days|size|length|` +
		`count|max|min|retries|ratio|enabled)\W*$`)
	amount = lazyregexp.New(`^\d[\d.]*[a-zA-Z]{0,3}$`)
)

// maskKeyed masks the values of all secret names.
func maskKeyed(text string) string {
	for _, name := range names {
		text = name.mask(text)
	}
	return text
}

func (k keyed) mask(text string) string {
	var out strings.Builder
	at := 0
	for at < len(text) {
		end := lineEnd(text, at)
		found := k.findIn(text[at:end], text[at:lineEnd(text, end)])
		if found == nil {
			out.WriteString(text[at:end])
			at = end
			continue
		}
		name, rest := text[at+found[0]:at+found[1]], text[at+found[1]:]
		out.WriteString(text[at : at+found[1]])
		at += found[1]
		length := valueLength(name, rest)
		if length == 0 || isHarmless(name, rest[:length]) {
			continue
		}
		out.WriteString(Masked)
		at += length
	}
	return out.String()
}

// findIn finds the first name in lines, which are a line and the next one. It searches only
// if line contains a stem.
func (k keyed) findIn(line, lines string) []int {
	if !containsAny(strings.ToLower(line), stems) || !containsAny(lines, k.hints) {
		return nil
	}
	return k.find().FindStringIndex(lines)
}

// stems are in lower case; every secret name contains one of them. Lines without a stem are
// skipped, because a search for the stems is faster than the patterns. A name and its value
// are on one line or on two.
var stems = []string{
	"pass", "pw", "wort", "wachtwoord", "senha", "contrase", "secret", "token", "cred", "key", "sas", "sig", "auth",
	"cookie", "jaas",
	"user", "sess", "sid", "hmac", "otp", "salt", "pepper", "nonce", "digest", "license",
}

// lineEnd returns the end of the line that begins at at, after its line break.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// isHarmless reports whether the value of a secret name is not a secret, or is masked.
func isHarmless(name, value string) bool {
	inBrackets := strings.HasSuffix(name, Masked[:1]) && strings.HasPrefix(value+"]", Masked[1:])
	masked := inBrackets || strings.HasPrefix(value, Masked)
	return masked || isPlain(strings.Trim(value, `\"'`)) || sourceFile().MatchString(name) ||
		amount().MatchString(value) && measure().MatchString(name)
}

// valueLength returns the length of the value at the beginning of text, in bytes. A quoted
// value ends with the same quote after the same number of backslashes.
func valueLength(name, text string) int {
	if strings.HasPrefix(text, "%22") {
		return lengthTo(text, 3, "%22")
	}
	escapes := len(text) - len(strings.TrimLeft(text, `\`))
	if escapes < len(text) && strings.IndexByte("\"'`", text[escapes]) >= 0 {
		return quotedLength(text, escapes)
	}
	if header().MatchString(name) {
		return headerLength(name, text)
	}
	return bareLength(text)
}

// lengthTo returns the length up to the end of mark, or of the whole text without mark.
func lengthTo(text string, from int, mark string) int {
	if i := strings.Index(text[from:], mark); i >= 0 {
		return from + i + len(mark)
	}
	return len(text)
}

func quotedLength(text string, escapes int) int {
	quote := text[escapes]
	for i := escapes + 1; i < len(text); i++ {
		if text[i] != quote {
			continue
		}
		before := i - len(strings.TrimRight(text[:i], `\`))
		if before == escapes {
			return i + 1
		}
	}
	return len(text)
}

// bare matches the end of a value without quotes.
var bare = lazyregexp.New("[\\s,;&\"'`<>\\]})|]|%26|%22|\\\\+[\"']")

func bareLength(text string) int {
	if strings.HasPrefix(text, ":") {
		return 0 // a C++ name, such as Token::next
	}
	at := 0
	for {
		end := bare().FindStringIndex(text[at:])
		if end == nil {
			return len(text)
		}
		at += end[0]
		if !strings.HasSuffix(text[:at]+"]", Masked) || text[at] != ']' {
			return at
		}
		at++ // a masked part belongs to the value
	}
}

// scheme matches the first word of an Authorization header, which is not secret.
var scheme = lazyregexp.New(`(?i)^(?:bearer|basic|token|apikey|api-key|sharedkey(?:lite)?|negotiate|ntlm|` +
	`splunk|key|ssws)[ \t]+`)

// manyParts matches the beginning of values of headers that contain commas and blanks.
var manyParts = lazyregexp.New(`(?i)^(?:digest|aws4-|hawk|oauth|mac|signature)`)

func headerLength(name, text string) int {
	if strings.Contains(strings.ToLower(name), "cookie") || manyParts().MatchString(text) {
		if end := strings.IndexAny(text, "\r\n"); end >= 0 {
			return end
		}
		return len(text)
	}
	first := len(scheme().FindString(text))
	return first + bareLength(text[first:])
}
