package payload

import (
	"fmt"
	"strings"
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
)

const (
	seed0  = "fsp-01J0000000000000000000000A-0"
	seed12 = "fsp-01J0000000000000000000000A-12"
)

func TestFindSeeds(t *testing.T) {
	for _, tc := range []struct {
		name, value string
		want        []string
	}{
		{"JSON", `{"seed":"` + seed0 + `"}`, []string{seed0}},
		{"several digits", `{"seed":"` + seed12 + `"}`, []string{seed12}},
		{"binary around it", "\x00\x40" + seed0 + "\x02\xff", []string{seed0}},
		{"twice in one record", seed0 + " " + seed0, []string{seed0}},
		{"two in one record", seed0 + seed12, []string{seed0, seed12}},
		{"at the very end", "x" + seed0, []string{seed0}},
		{"none", `{"order_id":"4711"}`, nil},
		{"empty", "", nil},
		{"cut off", seed0[:20], nil},
		{"no index", strings.TrimSuffix(seed0, "0"), nil},
		{"lower case", strings.ToLower(seed0), nil},
		{"a letter that is not in ULIDs", strings.Replace(seed0, "J", "U", 1), nil},
		{"a false start before it", "fsp-fsp-" + seed0, []string{seed0}},
		{"an index beyond bounds is cut", seed0 + "123456789", []string{seed0 + "123456"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.want, FindSeeds([]byte(tc.value)))
		})
	}
}

func TestFindSeedsIsBounded(t *testing.T) {
	var b strings.Builder
	round := ulid.Make()
	for i := range 3 * maxSeedsPerRecord {
		fmt.Fprintln(&b, NewSeed(round, i))
	}
	require.Len(t, FindSeeds([]byte(b.String())), maxSeedsPerRecord)
}

func TestNewSeedIsFoundAgain(t *testing.T) {
	round := ulid.Make()
	for _, i := range []int{0, 9, 10, 99_999} {
		seed := NewSeed(round, i)
		require.Equal(t, []string{seed}, FindSeeds([]byte(`"`+seed+`"`)))
	}
}

func FuzzFindSeeds(f *testing.F) {
	f.Add([]byte(seed0 + seed12))
	f.Add([]byte("fsp-"))
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, seed := range FindSeeds(b) {
			require.Contains(t, string(b), seed)
			require.Len(t, FindSeeds([]byte(seed)), 1)
		}
	})
}

// The probe reads mostly normal records of a sink, so the search for seeds in them must
// be fast.
func BenchmarkFindSeedsInOrdinaryRecord(b *testing.B) {
	value := []byte(`{"order_id":"` + strings.Repeat("4711-", 200) + `"}`)
	b.SetBytes(int64(len(value)))
	for b.Loop() {
		FindSeeds(value)
	}
}
