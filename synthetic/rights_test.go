package synthetic_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/sasl/plain"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
)

// may returns an ACL of the probe's user.
func may(op kmsg.ACLOperation, topic string) kfake.ACL {
	return kfake.ACL{
		Resource: kmsg.ACLResourceTypeTopic, Name: topic, Pattern: kmsg.ACLResourcePatternTypeLiteral, Operation: op,
		Allow: true,
	}
}

// everyRight are the rights that the operator must grant to the probe.
func everyRight() []kfake.ACL {
	return []kfake.ACL{
		may(kmsg.ACLOperationWrite, "orders"), may(kmsg.ACLOperationDescribe, "orders"),
		may(kmsg.ACLOperationRead, "orders-enriched"), may(kmsg.ACLOperationDescribe, "orders-enriched"),
		may(kmsg.ACLOperationRead, "orders-alerts"), may(kmsg.ACLOperationDescribe, "orders-alerts"),
	}
}

// runWithRights runs a test in a cluster that grants the probe's user these rights.
func runWithRights(t *testing.T, rights []kfake.ACL, test func(t *testing.T, s *stack)) {
	t.Helper()
	secret := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(secret, []byte("hunter2\n"), 0o600))
	run(t, func(t *testing.T, s *stack) {
		s.superuser = []kgo.Opt{kgo.SASL(plain.Auth{User: "admin", Pass: "admin"}.AsMechanism())}
		s.kafka.SASL = &kafka.SASLConfig{Mechanism: "SCRAM-SHA-512", Username: "probe", PasswordFile: secret}
		s.options.OnDemand = true
		s.startJob()
		defer s.job.end()
		test(t, s)
	}, kfake.EnableSASL(), kfake.EnableACLs(), kfake.Superuser("PLAIN", "admin", "admin"), kfake.User(
		"SCRAM-SHA-512", "probe", "hunter2", rights...,
	))
}

func TestDocumentedRightsAreSufficient(t *testing.T) {
	runWithRights(t, everyRight(), func(t *testing.T, s *stack) {
		m, err := s.start().Round(s.ctx, 0)
		require.NoError(t, err)
		require.Empty(t, m.Warnings)
		for _, account := range m.Accounts {
			require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 4}, outcomes(account))
		}
		require.Empty(t, s.prober.Preflight(s.ctx))
	})
}

func TestMissingRights(t *testing.T) {
	const (
		write      = `kafka: not authorised to write to "orders" (grant WRITE and DESCRIBE on the topic to user "probe")`
		readAlerts = `kafka: not authorised to read "orders-alerts" (grant READ and DESCRIBE on the topic to user ` +
			`"probe")`
	)
	for _, tc := range []struct {
		name    string
		without int // index into everyRight
		want    string
		alerts  episode.RecordOutcome // of the records, "" if none is sent
	}{
		{"WRITE", 0, write, ""},
		{"DESCRIBE of the source", 1, "", episode.OnTime}, // WRITE implies it
		{"READ", 4, readAlerts, episode.NotSent},
		{"DESCRIBE of a sink", 5, "", episode.OnTime}, // READ implies it
	} {
		t.Run(tc.name, func(t *testing.T) {
			rights := everyRight()
			rights = append(rights[:tc.without], rights[tc.without+1:]...)
			runWithRights(t, rights, func(t *testing.T, s *stack) {
				p := s.start()
				m, err := p.Round(s.ctx, 1)
				if tc.alerts == "" {
					require.EqualError(t, err, tc.want)
					require.Empty(t, s.sent())
					require.False(t, s.up()["kafka"])
					return
				}
				require.NoError(t, err)
				require.Equal(t, map[episode.RecordOutcome]int64{tc.alerts: 1}, outcomes(m.Accounts[1]))
				require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, outcomes(m.Accounts[0]))
				if tc.want != "" {
					require.Equal(t, []string{tc.want}, m.Warnings)
				}
			})
		})
	}
}

func TestRightsRevokedAndGrantedAgain(t *testing.T) {
	runWithRights(t, everyRight(), func(t *testing.T, s *stack) {
		p := s.start()
		_, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		admin := s.client()
		defer admin.Close()
		deny := kmsg.NewPtrCreateACLsRequest()
		deny.Creations = append(deny.Creations, kmsg.CreateACLsRequestCreation{
			ResourceType: kmsg.ACLResourceTypeTopic, ResourceName: "orders-alerts",
			ResourcePatternType: kmsg.ACLResourcePatternTypeLiteral,
			Principal:           "User:probe", Host: "*", Operation: kmsg.ACLOperationRead,
			PermissionType: kmsg.ACLPermissionTypeDeny,
		})
		_, err = deny.RequestWith(s.ctx, admin)
		require.NoError(t, err)
		s.job.set(func(j *fakeJob) { j.alerts = 2 * time.Second })
		m, err := p.Round(s.ctx, 1) // the reader is refused while it waits
		require.NoError(t, err)
		require.NotEmpty(t, m.Warnings)
		m, err = p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.NotSent: 1}, outcomes(m.Accounts[1]))
		require.Equal(
			t,
			[]string{
				`kafka: not authorised to read "orders-alerts" (grant READ and DESCRIBE on the topic to user "probe")`,
			},
			m.Warnings,
		)

		allow := kmsg.NewPtrDeleteACLsRequest()
		topic, principal, host := "orders-alerts", "User:probe", "*"
		allow.Filters = append(allow.Filters, kmsg.DeleteACLsRequestFilter{
			ResourceType: kmsg.ACLResourceTypeTopic, ResourceName: &topic,
			ResourcePatternType: kmsg.ACLResourcePatternTypeLiteral,
			Principal:           &principal, Host: &host, Operation: kmsg.ACLOperationRead,
			PermissionType: kmsg.ACLPermissionTypeDeny,
		})
		_, err = allow.RequestWith(s.ctx, admin)
		require.NoError(t, err)
		m, err = p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, outcomes(m.Accounts[1]))
		require.Empty(t, m.Warnings)
	})
}

func TestWrongPassword(t *testing.T) {
	runWithRights(t, everyRight(), func(t *testing.T, s *stack) {
		secret := s.kafka.SASL.PasswordFile
		require.NoError(t, os.WriteFile(secret, []byte("hunter3"), 0o600))
		p := s.start()
		_, err := p.Round(s.ctx, 1)
		// kfake closes the connection. Kafka first answers SASL_AUTHENTICATION_FAILED.
		require.EqualError(
			t, err,
			"kafka: the brokers at localhost:19092 close the connection: EOF (if this goes on, correct kafka.tls "+
				"and kafka.sasl)",
		)

		require.NoError(t, os.WriteFile(secret, []byte("hunter2"), 0o600)) // rotated
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, outcomes(m.Accounts[0]))
	})
}

func TestUnreadableSecret(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.kafka.SASL = &kafka.SASLConfig{Mechanism: "PLAIN", Username: "probe", PasswordFile: "/nowhere/password"}
		_, err := s.open()
		require.EqualError(
			t, err,
			"kafka: stat /nowhere/password: no such file or directory (create the file, or correct "+
				"kafka.sasl.password_file)",
		)
	})
}
