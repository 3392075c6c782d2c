package episode

import (
	"cmp"
	"strings"
	"time"
)

// State is the progress of an episode. An episode only moves forward; the last reached
// state is in history, so a restarted sidecar resumes there.
type State string

// The states in the order in which they are reached; an episode skips those that its plan
// does not have. Done and Failed are final.
const (
	Opened     State = "opened"     // recorded; nothing has been done yet
	Profiling  State = "profiling"  // the target is selected, and the profiles are in progress
	Measuring  State = "measuring"  // the measurement is in progress
	Advising   State = "advising"   // the rules and the LLM work on the evidence
	Announcing State = "announcing" // everything is in history; the notifier sends it
	Done       State = "done"       // every step finished
	Failed     State = "failed"     // given up; Episode.Error says why
)

// Final reports whether an episode in this state will not change any more.
func (s State) Final() bool { return s == Done || s == Failed }

// Episode is one turn of the loop, from its alert to its results.
type Episode struct {
	// ID is a ULID: unique, and sorted by the time the episode opened.
	ID string `json:"id"`
	// Alert opened the episode.
	Alert Alert `json:"alert"`
	// Triggers are further alerts about the same job that came within a minute after it:
	// they have this episode too.
	Triggers []Alert `json:"triggers,omitempty"`
	State    State   `json:"state"`
	// Opened and Finished are wall-clock times; Finished is zero until the
	// state is final.
	Opened   time.Time `json:"opened"`
	Finished time.Time `json:"finished,omitzero"`
	// Concluded is when the advice was complete and in history; zero before, and for an
	// episode without advice.
	Concluded time.Time `json:"concluded,omitzero"`
	// EpochKey names the epoch the job was in, empty when it is not known.
	EpochKey string `json:"epoch_key,omitempty"`
	// Target is the process to profile; nil until it is selected, and if there is none.
	Target *Target `json:"target,omitempty"`
	// Profiles are those that were taken.
	Profiles []Profile `json:"profiles,omitempty"`
	// Measurement is nil until the measuring step has finished.
	Measurement *Measurement `json:"measurement,omitempty"`
	// Advice is nil until the rules have finished.
	Advice *Advice `json:"advice,omitempty"`
	// Marks are what people say of the findings, at most one of each.
	Marks []Mark `json:"marks,omitempty"`
	// Outcomes say what came of the findings that were applied, at most one of each.
	Outcomes []Outcome `json:"outcomes,omitempty"`
	// Announcements say where the episode was announced.
	Announcements []Announcement `json:"announcements,omitempty"`
	// Notes record missing inputs and failed steps, each a sentence that ends in what to
	// do. A missing input never fails an episode.
	Notes []string `json:"notes,omitempty"`
	// Waiting says what the episode waits for; empty when it does not wait.
	Waiting string `json:"waiting,omitempty"`
	// Error says, for a failed episode, what went wrong and what to do.
	Error string `json:"error,omitempty"`
}

// RegionEnd is the end of what an episode is about: when its advice stood or, of a trouble, when the
// trouble ended if that was later: a job that restarts again and again is one region. It is zero
// while neither is known.
func (e Episode) RegionEnd() time.Time {
	if e.Alert.Source == FromTrouble && e.Alert.ResolvedAt.After(e.Concluded) {
		return e.Alert.ResolvedAt
	}
	return e.Concluded
}

// Target is the process that an episode profiles, and the reason.
type Target struct {
	// Cluster is the cluster of the process; empty in episodes of a sidecar that knew
	// only one.
	Cluster string `json:"cluster,omitempty"`
	// Job is the job's name, JobID the id of the run, Vertex the id of the vertex that
	// limits it.
	Job        string `json:"job,omitempty"`
	JobID      string `json:"job_id,omitempty"`
	Vertex     string `json:"vertex,omitempty"`
	VertexName string `json:"vertex_name,omitempty"`
	// Process is the same as in Profile.
	Process string `json:"process"`
	// Modes are Flink's names of the modes to profile in, in this order. Empty in
	// episodes of a sidecar that took all configured modes.
	Modes []string `json:"modes,omitempty"`
	// Control is a process to compare with, which is also profiled, in the first mode;
	// empty for none.
	Control string `json:"control,omitempty"`
	// Why is a sentence for a person.
	Why string `json:"why,omitempty"`
	// Begun is when the first profile was about to begin; zero before. After a crash, a run
	// that Flink has begun since then is used.
	Begun time.Time `json:"begun,omitzero"`
}

// Vertex is the name of the vertex that the episode is about, or its id where the name is unknown;
// empty if it is about none.
func (e Episode) Vertex() string {
	if e.Target != nil && cmp.Or(e.Target.VertexName, e.Target.Vertex) != "" {
		return cmp.Or(e.Target.VertexName, e.Target.Vertex)
	}
	return e.Alert.Vertex
}

// Announcement is the record of one announcement of an episode, or of what came of one of its
// findings.
type Announcement struct {
	// Where is the kind of receiver, for example "grafana", and ID the announcement's id
	// there.
	Where string    `json:"where"`
	ID    string    `json:"id,omitempty"`
	At    time.Time `json:"at"`
	// Finding is the finding whose outcome it tells; empty where it tells of the episode.
	Finding string `json:"finding,omitempty"`
	// Until is the end of what it shows, where the end was announced later.
	Until time.Time `json:"until,omitzero"`
	// Error says why the announcement was given up; empty otherwise.
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

// Alert is a reason to open an episode.
type Alert struct {
	// Rule names what fired, for example "probe-round" or "epoch-began".
	Rule    string `json:"rule"`
	Source  Source `json:"source"`
	Cluster string `json:"cluster,omitempty"`
	// Job is the job's name, not its id: each submission has a new id.
	Job string `json:"job,omitempty"`
	// Labels are what the sender said of the job; they are not stored.
	Labels JobLabels `json:"-"`
	// FoundBy says how the job was found; empty where the alert names it as Flink does.
	FoundBy string `json:"found_by,omitempty"`
	// Symptom is what the sender says is wrong: "memory", "waiting" or "working". If empty, the
	// planner derives it from the rule's name and the job.
	Symptom string `json:"symptom,omitempty"`
	// Vertex is the vertex's id, empty when the alert is about the whole job.
	Vertex string `json:"vertex,omitempty"`
	// Process is the process that the alert is about, as in Profile.Process; empty for
	// none in particular.
	Process string `json:"process,omitempty"`
	// ScaleTest is what a scale test asks for; nil for every other alert.
	ScaleTest *ScaleRequest `json:"scale_test,omitempty"`
	// Severity is "critical", "warning" or "info"; empty if the sender does not say.
	Severity string `json:"severity,omitempty"`
	// Omit are the steps that an episode of the alert leaves out; empty for none.
	Omit []Action `json:"omit,omitempty"`
	// Runbook is the address of a page that says what to do; empty for none.
	Runbook string `json:"runbook,omitempty"`
	// Summary is one sentence for a person.
	Summary  string    `json:"summary,omitempty"`
	StartsAt time.Time `json:"starts_at,omitzero"`
	// ResolvedAt is when the alert ended; zero while it fires.
	ResolvedAt time.Time `json:"resolved_at,omitzero"`
	// Fingerprint is equal for the firing and the resolution of one alert, and each time
	// the same alert fires again; with StartsAt it identifies one occurrence. Empty for
	// alerts that do not end.
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

// DedupeKey is equal for two alerts about the same thing, from any source and at any
// time: (rule, cluster, job, vertex), with the process in place of the vertex for an
// alert about a process.
func (a Alert) DedupeKey() string {
	return strings.Join([]string{a.Rule, a.Cluster, a.Job, cmp.Or(a.Vertex, a.Process)}, "\x1f")
}

// Measurement is the state of a job and its probe over a span of time.
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
	// Capacity is the throughput in records per second at which some subtask would be busy
	// all the time, extrapolated from the present load. Unlike Throughput it does not change
	// with the input.
	Capacity *float64 `json:"capacity,omitempty"`
	// CPUPerMillion is the CPU time of all TaskManagers for a million records, in seconds.
	CPUPerMillion *float64 `json:"cpu_seconds_per_million,omitempty"`
	// Backlog is the number of records that wait at the sources outside Flink.
	Backlog *float64 `json:"backlog,omitempty"`
	// Hops are the latencies of the probe records that finished a hop in this span, in
	// the order in which a record passes them.
	Hops []Hop `json:"hops,omitempty"`
	// IngestedUpperBound bounds the time until the job had read the probe records; nil if it is
	// not known. It is no hop, because it is not measured.
	IngestedUpperBound *UpperBound `json:"ingested_upper_bound,omitempty"`
	// Accounts hold, for each sink, the outcome of the records of this measurement: for a
	// round its own records; for a window those that were due in its span. While some are
	// pending, it is completed later, when their outcome is final.
	Accounts []Account `json:"accounts,omitempty"`
	// Warnings are doubts about the numbers, each a sentence.
	Warnings []string `json:"warnings,omitempty"`
}

// The kinds of measurement.
const (
	KindWindow = "window"
	KindRound  = "round"
)

// Hop is the latency from the moment a probe record was handed to the Kafka client until
// it passed one point on its way, in seconds.
type Hop struct {
	Name string `json:"name"`
	// Count is how many records passed the hop; quantiles need at least one.
	Count int     `json:"count"`
	P50   float64 `json:"p50_seconds"`
	P99   float64 `json:"p99_seconds"`
	Max   float64 `json:"max_seconds"`
}

// UpperBound is a latency of probe records that is not measured, in seconds from the moment a
// record was handed to the Kafka client. Each record passed at the given time or earlier.
type UpperBound struct {
	// Count is how many records have a bound; it is at least one.
	Count int     `json:"count"`
	P50   float64 `json:"p50_seconds"`
	P99   float64 `json:"p99_seconds"`
	Max   float64 `json:"max_seconds"`
	// Resolution is the most by which the bound of a record is above the true time, if the
	// TaskManagers answer Flink within a poll interval.
	Resolution float64 `json:"resolution_seconds"`
}

// The hops that are not named after a Kafka sink.
const (
	HopAcknowledged = "acknowledged" // the source topic's brokers have it
	HopIngested     = "ingested"     // the job read it (stamped by the job)
	HopIndexed      = "indexed"      // Elasticsearch was given it (stamped by the job or an ingest pipeline)
	HopVisible      = "visible"      // a search finds it
)
