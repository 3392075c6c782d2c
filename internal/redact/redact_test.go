package redact

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRedactHides(t *testing.T) {
	for _, tc := range []struct{ in, out string }{
		{"postgres://app:s3cr3t@db.internal/orders", "postgres://[redacted]@db.internal/orders"},
		{"https://token@host/", "https://[redacted]@host/"},
		{"Authorization: Bearer abc.def-123456", "Authorization: [redacted]"},
		{"Bearer abcdef123456 was sent", "Bearer [redacted] was sent"},
		{"sasl.password=hunter2, x=1", "sasl.password=[redacted], x=1"},
		{`{"api_key": "abc def", "a": 1}`, `{"api_key": [redacted], "a": 1}`},
		{
			`ScramLoginModule required username="svc" password="p w";`,
			`ScramLoginModule required username=[redacted] password=[redacted];`,
		},
		{"s3.secret-key: [redacted]", "s3.secret-key: [redacted]"},
		{"Authorization: Bearer [redacted], password=[redacted]", "Authorization: [redacted], password=[redacted]"},
		{"?X-Amz-Signature=abcdef&x=1", "?X-Amz-Signature=[redacted]&x=1"},
		{"key sk-proj-abcdefghij1234", "key [redacted]"},
		{"glsa_abcdefghijklmnopqrstuvwxyz012345_0a1b2c3d", "[redacted]"},
		{"AKIAIOSFODNN7EXAMPLE", "[redacted]"},
		{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[redacted]"},
		{"-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----", "[redacted]"},
		{"write to jane.doe+x@example.co.uk now", "write to [redacted] now"},
		{"from 10.1.2.3:9092 and 192.168.0.1", "from [redacted]:9092 and [redacted]"},
		{"at fe80::1ff:fe23:4567:890a and 2001:db8::1", "at [redacted] and [redacted]"},
		{"job 4e9f1c0a7d3b2e6f8a9b0c1d2e3f4a5b", "job [redacted]"},
		{"id 123e4567-e89b-12d3-a456-426614174000", "id [redacted]"},
		{"blob dGhpcyBpcyBhIHNlY3JldCB0b2tlbiBvZiAzMiBieXRlcw==", "blob [redacted]"},
		{"blob Zm9v/YmFyK2Jhe9876/cXV4eHl6enl4/MTIzNDU2Nzg5MA==", "blob [redacted]"},
	} {
		require.Equal(t, tc.out, Text(tc.in))
	}
}

func TestRedactKeepsTextThatAdviceNeeds(t *testing.T) {
	for _, text := range []string{
		"E12 | frame | org.apache.flink.streaming.runtime.io.AbstractStreamTaskNetworkInput.emitNext | self 12, " +
			"total 40 of 1640 samples (self 0.7 %, total 2.4 %)",
		"org/apache/flink/streaming/runtime/tasks/OneInputStreamTask$StreamTaskNetworkOutput.emitRecord",
		"com.fasterxml.jackson.core.sym.CharsToNameCanonicalizer$Bucket.has",
		"rocksdb::DBImpl::GetImpl(rocksdb::ReadOptions const&, rocksdb::Slice const&, " +
			"rocksdb::DBImpl::GetImplOptions&)",
		"/opt/flink/tmp/librocksdbjni-linux64.so", "Flink 2.3.0 on 1.20.5", "at 12:34:56",
		"execution.checkpointing.interval: 10000", "state.backend.rocksdb.memory.managed: true",
		"flink_sidecar_probe_latency_seconds is 0.25 seconds", "com.fasterxml.jackson.core.JsonToken.isScalarValue",
		"vertex orders to Elasticsearch: Writer is busy 41.2 % of the time",
	} {
		require.Equal(t, text, Text(text))
	}
}

func TestSecretsNeverBecomeEvidence(t *testing.T) {
	for key, value := range map[string]string{
		"s3.secret-key": "abc", "security.ssl.rest.key-password": "abc", "properties.sasl.jaas.config": "abc",
		"custom.apiKey": "abc",
		"jdbc.url":      "jdbc:postgresql://u:abc@db/x", "args": "--password=abc",
	} {
		require.NotContains(t, Setting(key, value), "abc", key)
	}
	require.Equal(t, "10s", Setting("execution.checkpointing.interval", "10s"))
}
