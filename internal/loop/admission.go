package loop

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Config bounds the work of the loop.
type Config struct {
	// CoolDown is how long no second episode opens for the same subject, unless a person
	// requests it.
	CoolDown time.Duration
	// Workers is how many episodes run at a time.
	Workers int
	// Depth is how many submitted episodes may be unfinished; more are refused.
	Depth int
	// LeaveOld leaves the unfinished episodes of an earlier process to a later one. It is
	// for a process that runs one command only.
	LeaveOld bool
}

// DefaultConfig suits one cluster: several jobs with problems at once, and a storm of
// alerts.
func DefaultConfig() Config {
	return Config{CoolDown: 30 * time.Minute, Workers: 4, Depth: 256}
}

// remembered is how many episodes are read after a restart, and how many occurrences of
// alerts are kept.
const remembered = 500

// ErrNotReady refuses alerts until the episodes of earlier processes are known.
var ErrNotReady = errors.New("the history is still being read (send it again later)")

// ErrFull refuses an alert because too many episodes are unfinished. Offer it
// again later.
var ErrFull = errors.New("too many episodes are unfinished (send it again later)")

// Reasons why an alert opens no episode: words for logs, metrics and receipts.
const (
	ReasonResolved    = "resolved"     // it is the news that an alert is over
	ReasonKnown       = "known"        // this occurrence has had its episode
	ReasonUnderWay    = "under_way"    // an episode for the same is not finished
	ReasonMerged      = "merged"       // it joined an open one for the same job
	ReasonCoolingDown = "cooling_down" // there was one not long ago
)

// Receipt is the result of submitting an alert.
type Receipt struct {
	// Accepted: an episode was opened, and is in the history.
	Accepted bool
	// Episode is its id or, if none was opened, the id of the episode that covers the
	// alert.
	Episode string
	// Reason is one of the Reason constants, empty for an accepted alert.
	Reason string
}

// Submit takes an alert. An error means that it was not taken, and should be sent again;
// submitting the same occurrence again is harmless.
func (l *Loop) Submit(alert episode.Alert) (Receipt, error) {
	receipt, err := l.submit(alert)
	result := cmp.Or(receipt.Reason, "accepted")
	if err != nil {
		result = "refused"
	}
	l.metrics.alerts.WithLabelValues(string(alert.Source), result).Inc()
	return receipt, err
}

// Decline records an alert that the caller refused before the loop, with the reason in
// a word and in a sentence that ends in what to do.
func (l *Loop) Decline(alert episode.Alert, reason, detail string) {
	l.metrics.alerts.WithLabelValues(string(alert.Source), reason).Inc()
	if l.alerts != nil {
		l.declined.put(episode.Declined{Alert: alert, Reason: reason, Detail: detail, First: l.Now()})
	}
}

func (l *Loop) submit(alert episode.Alert) (Receipt, error) {
	if alert.Resolved() {
		return Receipt{Reason: ReasonResolved}, l.ended(alert)
	}
	ep := l.newEpisode(alert)
	receipt, err := l.admission.admit(ep, l.begin)
	switch {
	case receipt.Accepted:
		plan, _ := l.planFor(ep.Alert)
		l.tell(ep, plan)
		l.waiting.add(ep)
	case receipt.Reason == ReasonCoolingDown && l.alerts != nil:
		l.declined.put(l.cooledDown(ep.Alert, receipt))
	}
	return receipt, err
}

// cooledDown is the record of an alert that opened no episode because of the cool-down.
func (l *Loop) cooledDown(alert episode.Alert, receipt Receipt) episode.Declined {
	until := l.admission.coolUntil(alert)
	return episode.Declined{
		Alert: alert, Reason: receipt.Reason, First: l.Now(), Episode: receipt.Episode, Until: until,
		Detail: fmt.Sprintf("cooldown until %s: episode %s is about the same (see it, or lower profiling.cooldown)",
			until.UTC().Format("15:04 UTC"), receipt.Episode),
	}
}

// admission knows which episodes were opened for what. Its memory is bounded: after
// [remembered] further episodes an occurrence counts as new.
type admission struct {
	cfg Config

	mu sync.Mutex
	// merge stores a further alert of an episode.
	merge       func(id string, alert episode.Alert) error
	ready       bool
	occurrences map[string]occurrence // by occurrenceOf
	order       []string              // keys of occurrences, oldest first
	subjects    map[string]subject    // by Alert.DedupeKey
}

// occurrence is the episode of one firing of an alert. joined is true if the alert is one of
// its triggers, and another one opened the episode.
type occurrence struct {
	id     string
	joined bool
}

// subject is the latest episode for one dedupe key.
type subject struct {
	id     string
	opened time.Time
	open   bool
	// alert opened the episode, triggers came after it.
	alert    episode.Alert
	triggers []episode.Alert
	// joined is true if alert is one of the triggers, and another one opened the episode.
	joined bool
}

func newAdmission(cfg Config, merge func(string, episode.Alert) error) admission {
	return admission{cfg: cfg, merge: merge, occurrences: map[string]occurrence{}, subjects: map[string]subject{}}
}

// admit decides about ep, and records it if it is accepted. It holds its lock meanwhile,
// so that a concurrent sender of the same alert gets a correct answer.
func (a *admission) admit(ep episode.Episode, record func(episode.Episode) error) (Receipt, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ready {
		return Receipt{}, ErrNotReady
	}
	if had, known := a.occurrences[occurrenceOf(ep.Alert)]; known {
		return Receipt{Episode: had.id, Reason: ReasonKnown}, nil
	}
	last, seen := a.subjects[ep.Alert.DedupeKey()]
	switch {
	case seen && last.open:
		return Receipt{Episode: last.id, Reason: ReasonUnderWay}, nil
	case seen && !ep.Alert.Asked() && ep.Opened.Sub(last.opened) < a.cfg.CoolDown:
		return Receipt{Episode: last.id, Reason: ReasonCoolingDown}, nil
	}
	if id, err := a.join(ep); id != "" || err != nil {
		return Receipt{Episode: id, Reason: ReasonMerged}, err
	}
	if a.unfinished() >= a.cfg.Depth {
		return Receipt{}, ErrFull
	}
	if err := record(ep); err != nil {
		return Receipt{}, err
	}
	a.remember(ep, true)
	a.forget(ep.Opened)
	return Receipt{Accepted: true, Episode: ep.ID}, nil
}

// coolUntil is when the cool-down of the alert's subject ends.
func (a *admission) coolUntil(alert episode.Alert) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.subjects[alert.DedupeKey()].opened.Add(a.cfg.CoolDown)
}

// episodeOf returns the episode that an occurrence of an alert opened or joined; its id is
// empty for none.
func (a *admission) episodeOf(alert episode.Alert) (occurrence, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.ready {
		return occurrence{}, ErrNotReady
	}
	return a.occurrences[occurrenceOf(alert)], nil
}

// unfinished counts the subjects that have an open episode: one each.
func (a *admission) unfinished() (n int) {
	for _, s := range a.subjects {
		if s.open {
			n++
		}
	}
	return n
}

// close marks an episode's work as done, even if it is not announced yet.
func (a *admission) close(ep episode.Episode) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := ep.Alert.DedupeKey()
	if last, ok := a.subjects[key]; ok && last.id == ep.ID {
		last.open = false
		a.subjects[key] = last
	}
}

// restore adds the episodes of earlier processes; recent is newest first.
func (a *admission) restore(recent, unfinished []episode.Episode) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range recent {
		a.remember(recent[len(recent)-1-i], false)
	}
	for _, ep := range unfinished {
		a.remember(ep, ep.State != episode.Announcing)
	}
	a.ready = true
}

func (a *admission) remember(ep episode.Episode, open bool) {
	a.subjects[ep.Alert.DedupeKey()] = subject{
		id: ep.ID, opened: ep.Opened, open: open, alert: ep.Alert, triggers: ep.Triggers,
	}
	a.rememberOccurrence(ep.Alert, occurrence{id: ep.ID})
	for _, trigger := range ep.Triggers {
		a.rememberTrigger(trigger, ep.ID, ep.Opened)
	}
}

// rememberTrigger lets the cool-down of an alert begin that joined an episode.
func (a *admission) rememberTrigger(alert episode.Alert, id string, at time.Time) {
	key := alert.DedupeKey()
	if last, seen := a.subjects[key]; !seen || last.id != id && last.opened.Before(at) {
		a.subjects[key] = subject{id: id, opened: at, alert: alert, joined: true}
	}
	a.rememberOccurrence(alert, occurrence{id: id, joined: true})
}

func (a *admission) rememberOccurrence(alert episode.Alert, of occurrence) {
	key := occurrenceOf(alert)
	if key == "" {
		return
	}
	if _, known := a.occurrences[key]; !known {
		a.order = append(a.order, key)
	}
	a.occurrences[key] = of
}

// forget bounds the memory.
func (a *admission) forget(now time.Time) {
	for len(a.order) > max(remembered, a.cfg.Depth) {
		delete(a.occurrences, a.order[0])
		a.order = a.order[1:]
	}
	if len(a.subjects) <= max(remembered, a.cfg.Depth) {
		return
	}
	for key, s := range a.subjects {
		if !s.open && now.Sub(s.opened) >= a.cfg.CoolDown {
			delete(a.subjects, key)
		}
	}
}

// occurrenceOf identifies one firing of one alert. It is empty for alerts without a
// fingerprint, such as those of people: each of them is a new one.
func occurrenceOf(alert episode.Alert) string {
	if alert.Fingerprint == "" {
		return ""
	}
	return fmt.Sprintf("%s\x1f%d", alert.Fingerprint, alert.StartsAt.UnixNano())
}
