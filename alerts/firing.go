package alerts

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// firing lists the alerts that fire, in the order of the tracks.
func (t *Trends) firing() []episode.FiringTrend {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []episode.FiringTrend{}
	for _, followed := range t.order {
		if followed.trend.Firing {
			j := followed.verdictOn
			out = append(out, episode.FiringTrend{
				Alert: followed.alert, Level: followed.held == above, Expected: j.expected, Decided: j.decided,
				Unsent: !t.pushed[followed.alert.Fingerprint],
			})
		}
	}
	return out
}

// RestoreFiring continues the alerts of an earlier process: they go on until a sample says that
// they are over, and are submitted once more, which is harmless. It is called before the first
// sample and after [Trends.RestoreScores]. The alert of a rule that is gone ends.
func (t *Trends) RestoreFiring(earlier []episode.FiringTrend) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keptFiring = earlier
	for _, one := range earlier {
		a := one.Alert
		if !one.Unsent {
			t.pushed[a.Fingerprint] = true
		}
		i := slices.IndexFunc(t.rules, func(r Rule) bool { return r.Name == a.Rule })
		if i < 0 {
			a.ResolvedAt = t.Now()
			t.ended = append(t.ended, a)
			continue
		}
		labels := snapshot.Labels{Cluster: a.Cluster, Job: a.Job, Vertex: a.Vertex, Process: a.Process}
		if followed := t.follow(&t.rules[i], labels); followed != nil {
			followed.restore(one)
			t.ended = append(t.ended, a)
			if !one.Decided {
				t.scores.of(a.Rule).Fired++
			}
		}
	}
}

func (t *track) restore(one episode.FiringTrend) {
	t.trend.Firing, t.trend.Since, t.alert = true, one.Alert.StartsAt, one.Alert
	t.offered = one.Alert.StartsAt
	t.verdictOn = judged{fired: one.Alert.StartsAt, expected: one.Expected, decided: one.Decided}
	if t.held = predicted; one.Level {
		t.held = above
	}
}

// keepFiring passes the alerts that fire on if they changed since the last time.
func (t *Trends) keepFiring() {
	if t.OnFiring == nil {
		return
	}
	now := t.firing()
	if slices.EqualFunc(now, t.keptFiring, sameFiring) {
		return
	}
	t.keptFiring = now
	t.OnFiring(now)
}

func sameFiring(a, b episode.FiringTrend) bool {
	return a.Alert.Fingerprint == b.Alert.Fingerprint && a.Alert.StartsAt.Equal(b.Alert.StartsAt) &&
		a.Level == b.Level && a.Decided == b.Decided && a.Unsent == b.Unsent
}

// expectedIn is when a breach comes.
func expectedIn(now time.Time, seconds float64) time.Time {
	return now.Add(time.Duration(min(seconds, maxAhead.Seconds()) * float64(time.Second)))
}
