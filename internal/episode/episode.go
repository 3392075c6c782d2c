package episode

import (
	"cmp"
	"strings"
	"time"
)

// State is where an episode stands. An episode only moves forward; the state
// it reached last is in history, so a restarted sidecar resumes there.
type State string

// The states in the order in which they are reached; an episode skips those that
// it has no use for. Done and Failed are final.
const (
	Opened     State = "opened"     // recorded; nothing has been done yet
	Profiling  State = "profiling"  // whom to profile is decided, and the profiles are under way
	Measuring  State = "measuring"  // the measurement is under way
	Advising   State = "advising"   // the evidence is being looked at
	Announcing State = "announcing" // everything is in history, and is being told
	Done       State = "done"       // every step finished
	Failed     State = "failed"     // given up; Episode.Error says why
)

// Final reports whether an episode in this state will not change any more.
func (s State) Final() bool { return s == Done || s == Failed }

// Episode is one turn of the loop, from what set it off to what came of it.
type Episode struct {
	// ID is a ULID: unique, and sorted by the time the episode opened.
	ID string `json:"id"`
	// Alert is what set the episode off.
	Alert Alert `json:"alert"`
	State State `json:"state"`
	// Opened and Finished are wall-clock times; Finished is zero until the
	// state is final.
	Opened   time.Time `json:"opened"`
	Finished time.Time `json:"finished,omitzero"`
	// Concluded is when the advice was complete and in history; zero before, and
	// for an episode that asks for none.
	Concluded time.Time `json:"concluded,omitzero"`
	// EpochKey names the epoch the job was in, empty when it is not known.
	EpochKey string `json:"epoch_key,omitempty"`
	// Target is whom to profile; nil until it is decided, and if nobody is.
	Target *Target `json:"target,omitempty"`
	// Profiles are those that were taken.
	Profiles []Profile `json:"profiles,omitempty"`
	// Measurement is nil until the measuring step has finished.
	Measurement *Measurement `json:"measurement,omitempty"`
	// Advice is nil until the rules have looked at the evidence.
	Advice *Advice `json:"advice,omitempty"`
	// Announcements say where the episode was told.
	Announcements []Announcement `json:"announcements,omitempty"`
	// Notes say what did not go as planned, each a sentence that ends in what to
	// do. An episode with notes is worth as much as what it has.
	Notes []string `json:"notes,omitempty"`
	// Waiting says what the episode waits for; empty when it doesn't.
	Waiting string `json:"waiting,omitempty"`
	// Error says, for a failed episode, what went wrong and what to do.
	Error string `json:"error,omitempty"`
}

// Target is the process that an episode profiles, and why that one.
type Target struct {
	// Cluster is where the process is; empty in episodes of a sidecar that knew
	// only one.
	Cluster string `json:"cluster,omitempty"`
	// Job is the job's name, JobID the id of the run, Vertex the id of the vertex that
	// holds it back.
	Job        string `json:"job,omitempty"`
	JobID      string `json:"job_id,omitempty"`
	Vertex     string `json:"vertex,omitempty"`
	VertexName string `json:"vertex_name,omitempty"`
	// Process is as in Profile.
	Process string `json:"process"`
	// Modes are Flink's names of those to profile in, in this order. Empty in
	// episodes of a sidecar that took all it was configured to.
	Modes []string `json:"modes,omitempty"`
	// Control is a process to compare with, which is profiled in the first mode too;
	// empty for none.
	Control string `json:"control,omitempty"`
	// Why is a sentence for a person.
	Why string `json:"why,omitempty"`
}

// Announcement says that an episode was told somewhere.
type Announcement struct {
	// Where is the kind of receiver, for example "grafana", and ID what the
	// announcement is called there.
	Where string    `json:"where"`
	ID    string    `json:"id,omitempty"`
	At    time.Time `json:"at"`
	// Error says why it could not be told, if it was given up.
	Error string `json:"error,omitempty"`
}

// Source says who raised an alert.
type Source string

// The sources of alerts.
const (
	FromCLI   Source = "cli"   // a person at a command line
	FromAPI   Source = "api"   // a call of the HTTP API
	FromEpoch Source = "epoch" // the collector saw software or settings change
)

// Alert is a reason to look: it opens an episode.
type Alert struct {
	// Rule names what fired, for example "probe-round" or "epoch-began".
	Rule    string `json:"rule"`
	Source  Source `json:"source"`
	Cluster string `json:"cluster,omitempty"`
	// Job is the job's name, not its id: an id dies with each submission.
	Job string `json:"job,omitempty"`
	// Labels are what the sender said of the job; they are not stored.
	Labels JobLabels `json:"-"`
	// FoundBy says how the job was found; empty where the alert names it as Flink does.
	FoundBy string `json:"found_by,omitempty"`
	// Symptom is what the sender says is wrong: "memory", "waiting" or "working". Empty is
	// to be seen from the rule's name and the job.
	Symptom string `json:"symptom,omitempty"`
	// Vertex is the vertex's id, empty when the alert is about the whole job.
	Vertex string `json:"vertex,omitempty"`
	// Process is the process that the alert is about, as in Profile.Process;
	// empty when it is about no particular one.
	Process string `json:"process,omitempty"`
	// Summary is one sentence for a person.
	Summary  string    `json:"summary,omitempty"`
	StartsAt time.Time `json:"starts_at,omitzero"`
	// ResolvedAt is when the reason to look went away; zero while it is there.
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	// Fingerprint is equal for the firing and the resolution of one alert, and
	// each time the same alert comes back; with StartsAt it names one occurrence.
	// Empty for alerts that don't end.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// JobLabels are labels of an alert that tell its job, for alerts on other exporters than
// the sidecar: Flink's own reporter writes job_id and job_name, and Prometheus' own label
// job is the name of a scrape configuration.
type JobLabels struct {
	// ID is the label job_id, Name the label job_name; both name a job of Flink.
	ID, Name string
	// Scrape is true if Alert.Job is Prometheus' label job, which may name no job of Flink.
	Scrape bool
}

// DedupeKey is equal for two alerts that are about the same thing, whoever
// raised them and whenever: (rule, cluster, job, vertex), with the process in place
// of the vertex for what is about a process.
func (a Alert) DedupeKey() string {
	return strings.Join([]string{a.Rule, a.Cluster, a.Job, cmp.Or(a.Vertex, a.Process)}, "\x1f")
}

// Measurement is what a job and its probe were like over a stretch of time.
type Measurement struct {
	// ID is a ULID, sorted by Began.
	ID string `json:"id"`
	// Kind is "window" for a standing measurement of the running sidecar and
	// "round" for one round of probe records.
	Kind    string    `json:"kind"`
	Began   time.Time `json:"began"`
	Ended   time.Time `json:"ended"`
	Cluster string    `json:"cluster,omitempty"`
	Job     string    `json:"job,omitempty"`
	JobID   string    `json:"job_id,omitempty"`
	// EpochKey names the epoch, empty when it is not known.
	EpochKey string `json:"epoch_key,omitempty"`
	// Throughput is the job's source throughput in records per second.
	Throughput *float64 `json:"throughput,omitempty"`
	// Hops are the latencies of the probe records that finished a hop in this
	// stretch, in the order in which a record passes them.
	Hops []Hop `json:"hops,omitempty"`
	// Accounts hold, for each sink, the outcome of the records that this
	// measurement is about: for a round its own records; for a window those
	// whose outcome was decided, and those still pending at its end.
	Accounts []Account `json:"accounts,omitempty"`
	// Warnings are doubts about the numbers, each a sentence.
	Warnings []string `json:"warnings,omitempty"`
}

// The kinds of measurement.
const (
	KindWindow = "window"
	KindRound  = "round"
)

// Hop is the latency from the moment a probe record was handed to the Kafka
// client until it had passed one point of its way. Seconds throughout.
type Hop struct {
	Name string `json:"name"`
	// Count is how many records passed the hop; quantiles need at least one.
	Count int     `json:"count"`
	P50   float64 `json:"p50_seconds"`
	P99   float64 `json:"p99_seconds"`
	Max   float64 `json:"max_seconds"`
}

// The hops that are not named after a Kafka sink.
const (
	HopAcknowledged = "acknowledged" // the source topic's brokers have it
	HopIngested     = "ingested"     // the job read it (stamped by the job)
	HopIndexed      = "indexed"      // Elasticsearch was given it (stamped by the job or an ingest pipeline)
	HopVisible      = "visible"      // a search finds it
)
