package ledger

// Bucket is the name of a bucket; the documentation of package history describes the contents.
type Bucket string

// The buckets.
const (
	BucketMeta           Bucket = "meta"
	BucketEpisodes       Bucket = "episodes"
	BucketEpisodesJob    Bucket = "episodes/by_job"
	BucketEpisodesOpen   Bucket = "episodes/unfinished"
	BucketMeasures       Bucket = "measurements"
	BucketMeasuresJob    Bucket = "measurements/by_job"
	BucketEpochs         Bucket = "epochs"
	BucketEpochsJob      Bucket = "epochs/by_job"
	BucketProbeRecords   Bucket = "probe/records"
	BucketProbeOpen      Bucket = "probe/open"
	BucketProbeFinished  Bucket = "probe/finished"
	BucketProbeTotals    Bucket = "probe/totals"
	BucketProbeForgotten Bucket = "probe/forgotten"

	// Since schema 2.
	BucketSummaries   Bucket = "episodes/summaries"
	BucketDeclined    Bucket = "alerts/declined"
	BucketDeclinedJob Bucket = "alerts/declined/by_job"
	BucketDeclinedKey Bucket = "alerts/declined/by_occurrence"

	// Since schema 3.
	BucketScaleTests    Bucket = "scaletests"
	BucketScaleTestsJob Bucket = "scaletests/by_job"

	// Since schema 4.
	BucketEvaluations    Bucket = "evaluations"
	BucketEvaluationsJob Bucket = "evaluations/by_job"

	// Since schema 5.
	BucketTriage    Bucket = "changepoints/triage"
	BucketTriageJob Bucket = "changepoints/triage/by_job"

	// Since schema 6.
	BucketPages Bucket = "pages"

	// Since schema 7.
	BucketScaleTestsRun Bucket = "scaletests/by_run"

	// Since schema 8.
	BucketEpisodesVertex Bucket = "episodes/by_vertex"

	// Since schema 9.
	BucketScaleTestsCompared Bucket = "scaletests/compared"

	// Since schema 10.
	BucketRuns       Bucket = "scaletests/runs"
	BucketRunsNewest Bucket = "scaletests/runs/newest"
)

// The keys of the bucket meta.
const (
	KeySchema         = "schema"
	KeyDigest         = "digest"
	KeyForgottenUntil = "probe_forgotten_until"
	KeyPaused         = "paused"
	KeyLockedOut      = "locked-out"
	KeyScores         = "rule-scores"
	KeyFiring         = "firing-trends"
	KeyMedians        = "trend-medians"
	KeySalvage        = "salvage"
)
