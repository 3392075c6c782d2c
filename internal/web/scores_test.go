package web

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestThePageSaysHowOftenRulesWereRight(t *testing.T) {
	h := handlerOf(func() api.Status { return api.Status{} }, brokenHistory{})
	body := func() string {
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		return answer.Body.String()
	}
	require.NotContains(t, body(), "Were the rules right?", "nobody keeps scores")
	h.Scores = func() []episode.RuleScore { return []episode.RuleScore{{Rule: "quiet"}} }
	require.NotContains(t, body(), "Were the rules right?", "nothing has fired yet")

	h.Scores = func() []episode.RuleScore {
		return []episode.RuleScore{
			{Rule: "quiet"},
			{Rule: "checkpoint-size", Fired: 9, True: 5, False: 2, Avoided: 1, Missed: 3, Leads: []float64{600, 60, 240}, Delays: []float64{-30, 90, -120}},
			{Rule: "<b>", Fired: 1},
		}
	}
	page := body()
	require.Contains(t, page, `<th scope="row" class="name">checkpoint-size</th><td class="num">9</td><td class="num">5</td>`+
		`<td class="num">1</td><td class="num">2</td><td class="num">3</td><td class="num">4 min</td><td class="num">−30 s</td>`)
	require.Contains(t, page, "&lt;b&gt;")
	require.NotContains(t, page, "quiet</th>")
	require.NotContains(t, page, "longer</th>", "no lead time is kept")

	h.Scores = func() []episode.RuleScore {
		score := episode.RuleScore{Rule: "headroom"}
		for _, lead := range []time.Duration{2 * time.Minute, 3 * time.Minute, 20 * time.Minute, 9 * time.Hour} {
			score.CameTrue(lead, 0)
		}
		return []episode.RuleScore{score, {Rule: "quiet"}}
	}
	page = body()
	require.Contains(t, page, `<th scope="col" class="num">≤ 1 min</th><th scope="col" class="num">≤ 5 min</th>`)
	require.Contains(t, page, `<th scope="col" class="num">≤ 4 h</th><th scope="col" class="num">longer</th>`)
	cells := regexp.MustCompile(`<td class="num">(\d)(<svg[^>]*><rect class="mean" width="([0-9.]+)"|<)`).
		FindAllStringSubmatch(page[strings.Index(page, "longer</th>"):], -1)
	got := ""
	for _, cell := range cells {
		got += cell[1] + " " + cell[3] + ","
	}
	require.Equal(t, "0 ,2 1,0 ,1 0.5,0 ,0 ,0 ,0 ,1 0.5,", got)
}
