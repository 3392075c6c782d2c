package payload

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/oklog/ulid/v2"
)

// SeedHeader is the header with the seed, in addition to the payload. If a job passes
// headers on, a sink needs only the header.
const SeedHeader = "flink-sidecar-seed"

// seedPrefix makes a seed recognisable in any payload format.
const seedPrefix = "fsp-"

// maxIndexDigits bounds the digits of a record's index within its round.
const maxIndexDigits = 7

// maxSeedsPerRecord bounds the seeds in one record of a sink. A job that combines
// several records into one writes several seeds.
const maxSeedsPerRecord = 64

// MaxSeedLength is the length of the longest seed in characters.
const MaxSeedLength = len(seedPrefix) + ulid.EncodedSize + 1 + maxIndexDigits

// NewSeed returns the seed of the i-th record of a round.
func NewSeed(round ulid.ULID, i int) string {
	return seedPrefix + round.String() + "-" + strconv.Itoa(i)
}

// FindSeeds returns the seeds within b, each once, in the order of appearance. It needs
// no parser, because a seed is plain ASCII in JSON, Avro and Protobuf.
func FindSeeds(b []byte) []string {
	var seeds []string
	for len(seeds) < maxSeedsPerRecord {
		at := bytes.Index(b, []byte(seedPrefix))
		if at < 0 {
			break
		}
		b = b[at:]
		n := seedLength(b)
		if n == 0 {
			b = b[len(seedPrefix):]
			continue
		}
		if seed := string(b[:n]); !slices.Contains(seeds, seed) {
			seeds = append(seeds, seed)
		}
		b = b[n:]
	}
	return seeds
}

// seedLength returns the length of the seed at the start of b, 0 if there is none.
func seedLength(b []byte) int {
	const fixed = len(seedPrefix) + ulid.EncodedSize + 1
	if len(b) <= fixed || b[fixed-1] != '-' {
		return 0
	}
	for _, c := range b[len(seedPrefix) : fixed-1] {
		if !isBase32(c) {
			return 0
		}
	}
	n := fixed
	for n < len(b) && n < fixed+maxIndexDigits && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	if n == fixed {
		return 0
	}
	return n
}

// isBase32 reports whether c is a character of a ULID: Crockford's alphabet in upper
// case.
func isBase32(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' && c != 'I' && c != 'L' && c != 'O' && c != 'U'
}
