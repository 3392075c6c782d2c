package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// maxLine bounds one line in bytes: a scale test has at most 2 MiB.
	maxLine = 4 << 20
	// batchSize is how many bytes of lines are in memory at a time, besides the last line.
	batchSize = 512 << 10
)

// Imported are the kinds that can be read back. A finding is a part of its episode.
func Imported() []Kind {
	return slices.DeleteFunc(Kinds(), func(k Kind) bool { return k == Findings })
}

// Line is an entry in a file. Number is that of its line, from 1.
type Line struct {
	Number int
	Entry  []byte
}

// Batches yields the entries of a kind that [History.JSONLines] wrote, some at a time. An entry that is
// there twice is an error, and so is a file without any. After an error there is nothing further.
func Batches(from io.Reader, kind Kind) iter.Seq2[[]Line, error] {
	return func(yield func([]Line, error) bool) {
		var batch []Line
		size := 0
		for line, err := range lines(from, kind) {
			if err != nil {
				yield(nil, err)
				return
			}
			batch = append(batch, line)
			if size += len(line.Entry); size >= batchSize {
				if !yield(batch, nil) {
					return
				}
				batch, size = nil, 0
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}

// lines yields one entry after the other.
func lines(from io.Reader, kind Kind) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		text, seen, n := bufio.NewScanner(from), map[string]int{}, 0
		text.Buffer(nil, maxLine)
		for text.Scan() {
			n++
			entry := bytes.TrimSpace(bytes.TrimPrefix(text.Bytes(), []byte("\xef\xbb\xbf")))
			if len(entry) == 0 {
				continue
			}
			name, err := nameOf(entry, kind)
			first, twice := seen[name]
			switch {
			case err != nil:
				err = fmt.Errorf("line %d is none of %s: %w (use what history export --kind=%s wrote)", n, kind, err, kind)
			case twice:
				err = fmt.Errorf("line %d has the same entry as line %d (remove one of them)", n, first)
			}
			seen[name] = n
			if !yield(Line{n, bytes.Clone(entry)}, err) || err != nil {
				return
			}
		}
		switch err := text.Err(); {
		case err != nil:
			yield(Line{}, fmt.Errorf("line %d: %w (a line has at most %d MiB)", n+1, err, maxLine>>20))
		case len(seen) == 0:
			yield(Line{}, errors.New("there is no entry (use what history export --kind="+string(kind)+" wrote)"))
		}
	}
}

// nameOf is what no two entries of a kind have in common: the id, where they have one.
func nameOf(entry []byte, kind Kind) (string, error) {
	if kind == Epochs {
		var e episode.Epoch
		err := json.Unmarshal(entry, &e)
		return identityOf(e), err
	}
	var named struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(entry, &named)
	if err == nil && named.ID == "" {
		err = errors.New("it has no id")
	}
	return named.ID, err
}
