package flame

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrEncoding means that the input is a known format or encoding other than UTF-8 text.
var ErrEncoding = errors.New("not UTF-8 text")

// encodings are recognised by the first bytes of the input. Longer prefixes come first.
var encodings = []struct{ begin, name, fix string }{
	{"\xff\xfe\x00\x00", "UTF-32", "convert it: iconv -f UTF-32 -t UTF-8"},
	{"\x00\x00\xfe\xff", "UTF-32", "convert it: iconv -f UTF-32 -t UTF-8"},
	{"\xff\xfe", "UTF-16", "convert it: iconv -f UTF-16 -t UTF-8"},
	{"\xfe\xff", "UTF-16", "convert it: iconv -f UTF-16 -t UTF-8"},
	{"<\x00", "UTF-16", "convert it: iconv -f UTF-16LE -t UTF-8"},
	{"\x00<", "UTF-16", "convert it: iconv -f UTF-16BE -t UTF-8"},
	{"\x1f\x8b", "compressed with gzip", "unpack it with gunzip first"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd", "unpack it with unzstd first"},
	{"FLR\x00", "a JFR recording", "convert it with async-profiler's jfrconv first"},
}

// utf8Mark is the byte order mark that may precede UTF-8 text.
const utf8Mark = "\xef\xbb\xbf"

// begin looks at the first bytes of the input. It skips a byte order mark of UTF-8, and
// returns an error that names the format if the input is not UTF-8.
func (l *lines) begin() error {
	head, _ := l.in.Peek(4) // a shorter input is judged by the bytes that it has
	for _, e := range encodings {
		if bytes.HasPrefix(head, []byte(e.begin)) {
			return fmt.Errorf("the input is %s: %w (%s)", e.name, ErrEncoding, e.fix)
		}
	}
	if bytes.HasPrefix(head, []byte(utf8Mark)) {
		_, _ = l.in.Discard(len(utf8Mark)) // cannot fail: Peek has buffered these bytes
	}
	return nil
}
