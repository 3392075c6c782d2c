package llm

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// TestFilesAreReadToTheirBound: one of exactly that size, and none that is larger.
func TestFilesAreReadToTheirBound(t *testing.T) {
	name := filepath.Join(t.TempDir(), "answer")
	require.NoError(t, os.WriteFile(name, []byte("12345"), 0o600))
	text, err := readBounded(name, 5)
	require.NoError(t, err)
	require.Equal(t, "12345", string(text))
	_, err = readBounded(name, 4)
	require.ErrorContains(t, err, "has more than 4 bytes")

	require.NoError(t, os.WriteFile(name, []byte("{{.Evidence}}"+strings.Repeat(" ", MaxTemplate-13)), 0o600))
	_, err = NewLayout(name, "")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(name, []byte("{{.Evidence}}"+strings.Repeat(" ", MaxTemplate-12)), 0o600))
	_, err = NewLayout(name, "")
	require.ErrorContains(t, err, "it has more than 65536 bytes")
}

// TestABadAnswerIsRepeatedInPart: four thousand characters of it, and nothing of an empty one.
func TestABadAnswerIsRepeatedInPart(t *testing.T) {
	q := Question{Messages: []Message{{Role: roleUser, Content: "q"}}}
	said := func(n int) string {
		return q.repair(strings.Repeat("z ", n)[:n], errors.New("f")).Messages[1].Content
	}
	require.Len(t, []rune(said(3999)), 3999)
	require.Len(t, []rune(said(4001)), 4000)
	require.True(t, strings.HasSuffix(said(4001), "…"))
	require.Len(t, q.repair(" ", errors.New("f")).Messages, 2)
	require.Len(t, q.Messages, 1, "the first question stays as it is")
	require.Contains(t, q.repair("x", errTruncated).Messages[2].Content, "at most 2 findings")
	require.Contains(t, q.repair("x", errors.New("the fault")).Messages[2].Content, "the fault")
}

// TestRequestsOfADay: the budget is that of any 24 hours.
func TestRequestsOfADay(t *testing.T) {
	now := time.Unix(0, 0)
	a := New(nil, Limits{RequestsPerDay: 2}, slog.New(slog.DiscardHandler))
	a.Now = func() time.Time { return now }
	require.True(t, a.spend())
	now = now.Add(time.Hour)
	require.True(t, a.spend())
	require.False(t, a.spend())
	now = time.Unix(0, 0).Add(24*time.Hour - 1)
	require.False(t, a.spend())
	now = now.Add(1)
	require.True(t, a.spend())
	require.False(t, a.spend())
}

// serverWith lists models and answers every question.
func serverWith(t *testing.T, models ...string) *OpenAIConfig {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if strings.HasSuffix(r.URL.Path, "/models") {
			var listed []string
			for _, m := range models {
				listed = append(listed, fmt.Sprintf(`{"id":%q}`, m))
			}
			fmt.Fprintf(w, `{"data":[%s]}`, strings.Join(listed, ","))
			return
		}
		fmt.Fprint(w, `{"choices":[{"message":{"role":"assistant","content":"{\"greeting\":\"hello\"}"},"finish_reason":"stop"}]}`)
	}))
	t.Cleanup(server.Close)
	cfg := DefaultOpenAIConfig()
	cfg.BaseURL, cfg.Model = server.URL+"/v1", "m"
	return &cfg
}

// TestCheckOfAModel: a server that lists one other model has not this one; one that lists none may
// have it.
func TestCheckOfAModel(t *testing.T) {
	outcome := func(cfg *OpenAIConfig) map[string]check.Result {
		provider, err := NewOpenAI(*cfg)
		require.NoError(t, err)
		out := map[string]check.Result{}
		for _, r := range provider.Check(t.Context()) {
			out[strings.TrimPrefix(r.Check, "llm.")] = r
		}
		return out
	}
	got := outcome(serverWith(t, "other"))
	require.Equal(t, check.Warning, got["model"].State)
	require.Contains(t, got["model"].Says, `has no model "m"`)
	for _, models := range [][]string{nil, {"m"}, {"other", "m"}} {
		got = outcome(serverWith(t, models...))
		require.NotContains(t, got, "model")
		require.Equal(t, check.OK, got["connection"].State)
		require.Equal(t, check.Warning, got["format"].State, "it ignores the schema")
	}
	plain := serverWith(t)
	plain.ResponseFormat = formatText
	require.Equal(t, check.OK, outcome(plain)["format"].State)
}
