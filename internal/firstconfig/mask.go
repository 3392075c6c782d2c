package firstconfig

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// masker replaces the values of a record that a synthetic record must not have: ids of real
// things, times, secrets and personal data. In doubt it replaces.
type masker struct {
	key      string    // of the record
	sent     time.Time // when the record was written
	seed     *node     // the field that gets the seed, nil if there is none
	seedPath string
	replaced []string // paths of secret or personal data
	fixed    []string // paths of times that stay as they were
	ids      []string // paths of ids that are the key of the probe, or 0
}

// owner are words for who a record is about.
const owner = `user|customer|client|account|tenant|owner|session|device|parent|person|member|employee|patient|partner|` +
	`shop|store`

// What the names of fields tell.
var (
	idField = lazyregexp.New(`(?i)(^|[._-])(ids?|uuid|guid|key|ref|reference|number|nr)$|[a-z](Id|ID|Uuid|UUID|Ref|Key|Number)$`)
	// ownerField are ids of who a record is about; they are not the id of the record.
	ownerField = lazyregexp.New(`(?i)` + owner)
	// ownerOnly are fields that hold such an id without saying so, for example "customer".
	ownerOnly = lazyregexp.New(`(?i)(` + owner + `)$`)
	personal  = lazyregexp.New(`(?i)name$|mail|phone|mobile|fax|address|street|city|zip|post(al)?[._-]?code|birth|` +
		`(^|[._-])dob$|gender|ssn|passport|iban|bic$|card|cvv|cvc|(^|[._-])ip$|(^|[._-])lat(itude)?$|` +
		`(^|[._-])(lon|lng|longitude)$|location|note|comment|message|description|text$|subject|title|url|host|agent`)
	timeField = lazyregexp.New(`(?i)time|date|(^|[._-])ts$|[._-]at$|[a-z]At$|created|updated|occurred`)
	longRun   = lazyregexp.New(`\+?\d(?:[ ()/.-]?\d){7,}`)
	isoTime   = lazyregexp.New(`^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$`)
)

// neutral replaces secret or personal text.
const neutral = "synthetic"

// maxPlainText is the length from which a text may be prose, in bytes.
const maxPlainText = 48

// seedMember finds the field that identifies a record: seed, id, or another id that is not
// of a person. nil means that there is none.
func seedMember(root *node, key string) *node {
	var best *node
	least := 100
	for _, m := range root.members {
		if rank := seedRank(m, key); rank < least {
			best, least = m.value, rank
		}
	}
	return best
}

func seedRank(m member, key string) int {
	if !m.value.isText {
		return 100
	}
	rank := 100
	switch lower := strings.ToLower(m.name); {
	case lower == "seed":
		return 0
	case lower == "id":
		rank = 1
	case strings.Contains(lower, "uuid"), strings.Contains(lower, "guid"):
		rank = 2
	case idField().MatchString(m.name):
		rank = 3
	}
	if ownerField().MatchString(m.name) || m.value.literal == key {
		rank += 10
	}
	return rank
}

func (m *masker) object(n *node, path string) {
	n.members = slices.DeleteFunc(n.members, func(inner member) bool {
		if hidden(inner.name) {
			m.replaced = append(m.replaced, "a field of "+orRecord(path))
			return true
		}
		return false
	})
	for _, inner := range n.members {
		m.value(inner.value, inner.name, strings.TrimPrefix(path+"."+inner.name, "."))
	}
}

func orRecord(path string) string {
	if path == "" {
		return "the record"
	}
	return path
}

func (m *masker) value(n *node, name, path string) {
	switch {
	case n.kind == '{':
		m.object(n, path)
	case n.kind == '[':
		for _, item := range n.items {
			m.value(item, name, path+"[]")
		}
	case n == m.seed:
		n.literal, m.seedPath = `"{{.Seed}}"`, path
	case n.isText:
		n.literal = m.text(n.literal, name, path)
	case n.literal != "null" && n.literal != "true" && n.literal != "false":
		n.literal = m.number(n.literal, name, path)
	}
}

// text returns the form of a text in the template.
func (m *masker) text(value, name, path string) string {
	switch {
	case value == "":
		return `""`
	case value == m.key, isID(name):
		m.ids = append(m.ids, path)
		return `"{{.Key}}"`
	case personal().MatchString(name):
		m.replaced = append(m.replaced, path)
		return asTemplate(neutralFor(value))
	case m.nearText(value):
		m.fixed = append(m.fixed, path)
		return asTemplate(value)
	case sensitive(name, value):
		m.replaced = append(m.replaced, path)
		return asTemplate(neutralFor(value))
	}
	return asTemplate(value)
}

// number returns the form of a number in the template.
func (m *masker) number(value, name, path string) string {
	n, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil:
		return "0"
	case m.near(n, time.Millisecond):
		return "{{.SentAt}}"
	case m.near(n, time.Second) && timeField().MatchString(name):
		return "{{slice (print .SentAt) 0 10}}"
	case isID(name):
		m.ids = append(m.ids, path)
		return "0"
	case personal().MatchString(name), hidden(value), redact.Setting(name, value) != value, longRun().MatchString(value):
		m.replaced = append(m.replaced, path)
		return "0"
	}
	return value
}

// year is the distance from the record's time up to which a time is one of the event. A
// date further away may be of a person.
const year = 366 * 24 * time.Hour

// nearText is near for a time in the form of ISO 8601.
func (m *masker) nearText(value string) bool {
	if !isoTime().MatchString(value) {
		return false
	}
	day, err := time.Parse(time.DateOnly, value[:len(time.DateOnly)])
	return err == nil && day.Sub(m.sent).Abs() < year
}

// isID reports whether the name of a field is that of an id.
func isID(name string) bool { return idField().MatchString(name) || ownerOnly().MatchString(name) }

// near reports whether n, in a unit since 1970, is within a year of the record's time.
func (m *masker) near(n float64, unit time.Duration) bool {
	at := time.UnixMilli(int64(n * float64(unit/time.Millisecond)))
	return n == float64(int64(n)) && at.Sub(m.sent).Abs() < year
}

// sensitive reports whether a text may be secret or personal.
func sensitive(name, value string) bool {
	return redact.Setting(name, value) != value || hidden(value) || longRun().MatchString(value) ||
		len(value) > maxPlainText || strings.Count(value, " ") > 1
}

// hidden reports whether text may not leave the system that it is from.
func hidden(text string) bool { return redact.Text(text) != text }

// neutralFor returns a text of the same shape.
func neutralFor(value string) string {
	switch {
	case strings.Contains(value, "@"):
		return "probe@example.invalid"
	case strings.Contains(value, "://"):
		return "http://example.invalid/"
	}
	return neutral
}

// notes explain the payload.
func (m *masker) notes() []string {
	all := []string{"made from a record of the topic: compare it before you use it."}
	for _, n := range []struct {
		paths []string
		text  string
	}{
		{m.replaced, "replaced, because they may be secret or personal: %s"},
		{m.ids, "ids that are not of a real thing: %s"},
		{m.fixed, "times that stay the same in each record: %s"},
	} {
		if len(n.paths) > 0 {
			all = append(all, fmt.Sprintf(n.text, plaintext.Line(strings.Join(slices.Compact(n.paths), ", "), 200)))
		}
	}
	return all
}
