package stack

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/session"
)

const (
	jobName  = "orders enrichment"
	jobClass = "org.flinksidecar.sample.OrdersJob"
	// jobPatience bounds how long a job may take until all its tasks run.
	jobPatience = 2 * time.Minute
)

// Faults are the inefficiencies of the sample job, by the names that plant and repair them;
// the job's Fault.java explains each.
func Faults() []string {
	return append(standing(), "mapper", "json", "types", "hotkey", "files", "interval", "leak")
}

// standing are the faults that the job has without being asked.
func standing() []string { return []string{"kryo", "bulk", "lookup", "state"} }

// JobSpec are the options of the sample job.
type JobSpec struct {
	Planted     []string `json:"planted"`     // inefficiencies besides the standing ones
	Fixed       []string `json:"fixed"`       // inefficiencies that are repaired
	Parallelism int      `json:"parallelism"` // of every operator; 0 = the job's default of 2
	// Archive is a directory for the orders as files of Flink's FileSink; empty for none.
	Archive string `json:"archive,omitempty"`
}

// Faults are those that a job of this spec has, in the order of Faults.
func (j JobSpec) Faults() []string {
	return slices.DeleteFunc(Faults(), func(fault string) bool {
		there := slices.Contains(standing(), fault) || slices.Contains(j.Planted, fault)
		return !there || slices.Contains(j.Fixed, fault)
	})
}

// submitted is a job that was submitted to Flink.
type submitted struct {
	id, jar string
}

// Submit builds the sample job from its present sources, cancels the running one, and
// returns the id of the new one when all its tasks run.
func (s *Stack) Submit(ctx context.Context, spec JobSpec) (jobID string, err error) {
	s.submitting.Lock()
	defer s.submitting.Unlock()
	began := time.Now()
	jar, err := s.JobJar(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, jobPatience)
	defer cancel()
	jarID, err := s.flink().Upload(ctx, jar)
	if err != nil {
		return "", err
	}
	program := session.Program{EntryClass: jobClass, Args: s.jobArgs(spec)}
	if err := s.cancelJobs(ctx, jarID, program); err != nil {
		return "", err
	}
	jobID, err = s.flink().Run(ctx, jarID, program)
	if err != nil {
		return "", err
	}
	s.rememberJob(submitted{id: jobID, jar: jar}, spec.Faults())
	if err := s.flink().WaitRunning(ctx, jobID); err != nil {
		return "", fmt.Errorf("%w, see %s", err, s.layout.Log("jobmanager"))
	}
	s.report("job", fmt.Sprintf("%s runs after %.1f s (%s)", jobName, time.Since(began).Seconds(), jobID))
	return jobID, nil
}

// JobJar builds the jar of the sample job, which also has other jobs, from its present
// sources, and returns its path.
func (s *Stack) JobJar(ctx context.Context) (string, error) {
	dir, err := s.shelf.resolve(ctx, s.workshop.Job())
	return filepath.Join(dir, jars.JobJar), err
}

// cancelJobs ends every job of ours that has not ended, after a check that the new
// program can be run.
func (s *Stack) cancelJobs(ctx context.Context, jarID string, program session.Program) error {
	jobs, err := s.flink().Jobs(ctx)
	if err != nil {
		return err
	}
	jobs = slices.DeleteFunc(jobs, func(job session.Job) bool { return job.Name != jobName || job.Ended() })
	if len(jobs) == 0 {
		return nil
	}
	if err := s.flink().Plan(ctx, jarID, program); err != nil {
		return err
	}
	for _, job := range jobs {
		if err := s.flink().Cancel(ctx, job.ID); err != nil {
			return err
		}
		s.report("job", "cancelled "+job.ID)
	}
	return nil
}

func (s *Stack) jobArgs(spec JobSpec) []string {
	args := []string{
		"--bootstrap.servers=" + strings.Join(s.brokers(), ","),
		"--source.topic=" + sourceTopic,
		"--enriched.topic=" + enrichedTopic,
		"--alerts.topic=" + alertsTopic,
		"--elasticsearch.url=" + httpURL(s.ports.Elasticsearch),
		"--elasticsearch.index=" + index,
		"--lookup.url=" + s.lookupURL(),
	}
	if spec.Archive != "" {
		args = append(args, "--archive.directory="+spec.Archive)
	}
	if len(spec.Planted) > 0 {
		args = append(args, "--faults="+strings.Join(spec.Planted, ","))
	}
	if len(spec.Fixed) > 0 {
		args = append(args, "--fixed="+strings.Join(spec.Fixed, ","))
	}
	if spec.Parallelism > 0 {
		args = append(args, "--parallelism="+strconv.Itoa(spec.Parallelism))
	}
	return args
}

func (s *Stack) rememberJob(job submitted, faults []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.job = job
	if s.planted == nil {
		s.planted = faults
		return
	}
	s.planted = slices.DeleteFunc(s.planted, func(fault string) bool { return !slices.Contains(faults, fault) })
}

// Planted names those of Faults that every job of this stack had so far: the faults that
// can be found.
func (s *Stack) Planted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.planted == nil {
		return JobSpec{}.Faults()
	}
	return slices.Clone(s.planted)
}

// forgetJob is for a new JobManager, which knows no jobs.
func (s *Stack) forgetJob() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.job.id = ""
}
