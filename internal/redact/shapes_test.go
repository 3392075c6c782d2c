package redact

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Random texts as secrets. The list concatenates the parts of real formats, so that secret
// scanners do not report this file.
const (
	word    = "hunter2"
	alnum24 = "q7Xk2Lm9Zt4Rb8Vw1Ny6Pc3D"
	alnum32 = "q7Xk2Lm9Zt4Rb8Vw1Ny6Pc3Dh5Jf0Gs2"
	alnum36 = "q7Xk2Lm9Zt4Rb8Vw1Ny6Pc3Dh5Jf0Gs2Ka8U"
	alnum48 = "q7Xk2Lm9Zt4Rb8Vw1Ny6Pc3Dh5Jf0Gs2Ka8Ue4Wo6Yi1Tz3M"
	lower32 = "k7x2m9q4z8w1v6n3b5c0j7h2g9f4d8s1"
	hex32   = "9f86d081884c7d659a2feaa0c55ad015"
	hex40   = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"
	hex64   = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	base40  = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzR4mPq8LkW"
	base88  = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	pem     = "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF8PbnGy0AHB7MhgHcTz6sE2I2yPB"
)

// shapes are formats of secrets in settings, logs, exceptions and command lines. The
// masked text must not contain the secret.
var shapes = []struct{ name, text, secret string }{
	// Settings of Flink, Hadoop and Kafka.
	{"s3 secret key", "s3.secret-key: " + base40, base40},
	{"s3 access key", "s3.access-key: AKIA" + "IOSFODNN7EXAMPLE", "IOSFODNN7EXAMPLE"},
	{"s3 short secret", "s3.secret-key: " + word, word},
	{"s3a secret", "fs.s3a.secret.key=" + word, word},
	{"azure account key", "fs.azure.account.key.acct.blob.core.windows.net: " + base88, base88},
	{"azure account key, short", "fs.azure.account.key.acct.dfs.core.windows.net=c2hvcnQ=", "c2hvcnQ="},
	{"azure client secret", "fs.azure.account.oauth2.client.secret: " + word, word},
	{"jaas, quoted", `sasl.jaas.config: org.apache.kafka.common.security.plain.PlainLoginModule required username="svc" password="` + word + `";`, word},
	{"jaas, bare", "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required " +
		"username=svc password=" + word + ";", word},
	{"jaas, escaped", `{"sasl.jaas.config":"PlainLoginModule required username=\"svc\" password=\"` + word +
		`\";"}`, word},
	{"jaas, escaped twice", `"config": "{\\"password\\": \\"` + word + `\\"}"`, word},
	{"keystore password", "ssl.keystore.password = " + word, word},
	{"key password", "security.ssl.internal.key-password: " + word, word},
	{"keystore key", "ssl.keystore.key=-----BEGIN PRIVATE KEY----- " + pem + " -----END PRIVATE KEY-----", pem},
	{"hadoop XML", "<property><name>fs.s3a.secret.key</name><value>" + word + "</value></property>", word},
	{"XML element", "<password>" + word + "</password>", word},
	{"delegation token", "delegation.token.value: " + word, word},
	{"registry user info", "basic.auth.user.info=svc:" + word, word},
	{"keytab", "security.kerberos.login.keytab: /etc/secrets/" + word + ".keytab", word},
	// Quotes and separators.
	{"JSON", `{"password":"` + word + `"}`, word},
	{"JSON, spaces", `{"password" : "two ` + word + `"}`, word},
	{"JSON, escaped", `{\"password\":\"` + word + `\"}`, word},
	{"JSON, list", `"passwords": ["` + word + `"]`, word},
	{"quotes inside", `password="a \"quoted\" ` + word + `" next`, word},
	{"single quotes", "password='" + word + "'", word},
	{"Go struct", "{User:svc Password:" + word + " Host:db}", word},
	{"Go struct with names", `main.Config{User:"svc", Password:"` + word + `"}`, word},
	{"Go map", "map[host:db password:" + word + " user:svc]", word},
	{"Go quoted field", `password: ` + "`" + word + "`", word},
	{"Java record", "Credentials[user=svc, password=" + word + "]", word},
	{"Java map", "{user=svc, password=" + word + "}", word},
	{"arrow", "password => " + word, word},
	{"assignment", "password := \"" + word + "\"", word},
	{"camel case", "dbPassword=" + word, word},
	{"secretAccessKey", "secretAccessKey: " + word, word},
	{"clientSecret", "clientSecret=" + word, word},
	{"refresh token", `"refresh_token":"` + word + `"`, word},
	{"id token", "id_token=" + word, word},
	{"passphrase", "passphrase: " + word, word},
	{"SQL identified by", "CREATE USER svc IDENTIFIED BY '" + word + "'", word},
	{"SQL password", "ALTER USER svc PASSWORD '" + word + "'", word},
	{"percent-encoded", "password%3D" + word + "%26x%3D1", word},
	{"percent-encoded JSON", "%22password%22%3A%22" + word + "%22", word},
	// Command lines and environment.
	{"--password X", "--password " + word, word},
	{"--password=X", "--password=" + word, word},
	{"--token X", "--token " + word + " --verbose", word},
	{"--api-key X", "--api-key '" + word + "'", word},
	{"--client-secret X", "run --client-secret " + word, word},
	{"-D", "-Djavax.net.ssl.keyStorePassword=" + word, word},
	{"curl -u", "curl -u svc:" + word + " https://es.example/", word},
	{"curl --user", "curl --user svc:" + word + " https://es.example/", word},
	{"DB_PW", "DB_PW=" + word, word},
	{"DB_PASS", "DB_PASS=" + word, word},
	{"DB_PASSWD", "DB_PASSWD=" + word, word},
	{"PGPASSWORD", "PGPASSWORD=" + word, word},
	{"MYSQL_PWD", "MYSQL_PWD=" + word, word},
	{"REDIS_AUTH", "REDIS_AUTH=" + word, word},
	{"API_KEY", "export API_KEY=" + word, word},
	{"AWS secret", "AWS_SECRET_ACCESS_KEY=" + base40, base40},
	{"AWS session token", "aws_session_token = " + alnum48, alnum48},
	// HTTP.
	{"bearer", "Authorization: Bearer " + alnum32, alnum32},
	{"basic", "Authorization: Basic c3ZjOmh1bnRlcjI=", "c3ZjOmh1bnRlcjI="},
	{"token", "Authorization: Token " + word + "abc", word},
	{"ApiKey", "authorization: ApiKey " + alnum32, alnum32},
	{"raw", "Authorization: " + word, word},
	{"digest", `Authorization: Digest username="svc", realm="es", response="` + hex32 + `"`, hex32},
	{"AWS4", "Authorization: AWS4-HMAC-SHA256 Credential=AKIA" +
		"IOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=" + hex64, hex64},
	{"shared key", "Authorization: SharedKey acct:" + base40, base40},
	{"proxy", "Proxy-Authorization: Basic c3ZjOmh1bnRlcjI=", "c3ZjOmh1bnRlcjI="},
	{"Go header", "map[Authorization:[Bearer " + word + "abc]]", word},
	{"cookie", "Cookie: theme=dark; session=" + word, word},
	{"set-cookie", "Set-Cookie: SESSION=" + word + "; Path=/; HttpOnly", word},
	{"JSESSIONID", "GET /x;JSESSIONID=" + word, word},
	{"x-api-key", "x-api-key: " + word, word},
	{"X-Auth-Token", "X-Auth-Token: " + word, word},
	{"X-Vault-Token", "X-Vault-Token: " + word, word},
	{"private token", "PRIVATE-TOKEN: " + word, word},
	{"csrf", "X-CSRF-Token: " + word, word},
	// Addresses.
	{"user info", "postgres://app:" + word + "@db.internal/orders", word},
	{"token as user", "https://" + word + "@host/", word},
	{"no user", "redis://:" + word + "@cache:6379/0", word},
	{"mongodb", "mongodb+srv://app:" + word + "@cluster0.example/orders", word},
	{"an @ in it", "amqp://app:" + word + "@x@mq/", word},
	{"a slash in it", "postgres://app:a/" + word + "@db/orders", word},
	{"JDBC query", "jdbc:postgresql://db/orders?user=app&password=" + word, word},
	{"JDBC SQL Server", "jdbc:sqlserver://db:1433;user=app;password=" + word + ";encrypt=true", word},
	{"JDBC Oracle", "jdbc:oracle:thin:app/" + word + "@//db:1521/ORCL", word},
	{"SAS", "https://acct.blob.core.windows.net/c/b?sv=2022-11-02&sp=r&sig=AbC%2Bdef" + word + "%3D", word},
	{"S3 signature", "https://b.s3.amazonaws.com/k?X-Amz-Signature=" + hex64, hex64},
	{"S3 token", "?X-Amz-Security-Token=" + alnum48 + "&x=1", alnum48},
	{"access token in a query", "https://api.example/x?access_token=" + word, word},
	{"code in a query", "https://login.example/cb?code=" + alnum32 + "&state=1", alnum32},
	{"service bus", "Endpoint=sb://ns.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=" + word +
		"=", word},
	{"storage connection", "DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=" + base88 +
		";EndpointSuffix=core.windows.net", base88},
	// Formats of providers.
	{"AWS key id", "key AKIA" + "IOSFODNN7EXAMPLE was used", "IOSFODNN7EXAMPLE"},
	{"AWS temporary id", "ASIA" + "Y34FZKBOKMUTVV7A", "Y34FZKBOKMUTVV7A"},
	{"GitHub", "ghp_" + alnum36, alnum36},
	{"GitHub OAuth", "gho_" + alnum36, alnum36},
	{"GitHub fine-grained", "github_pat_" + alnum48, alnum48},
	{"GitLab", "glpat-" + alnum24, alnum24},
	{"GitLab runner", "glrt-" + alnum24, alnum24},
	{"Grafana", "glsa_" + alnum32 + "_0a1b2c3d", alnum32},
	{"Grafana Cloud", "glc_" + alnum48, alnum48},
	{"Slack bot", "xoxb-" + "123456789012-123456789012-" + alnum24, alnum24},
	{"Slack app", "xapp-" + "1-A01B2C3D4-123456789012-" + hex64, hex64},
	{"Slack webhook", "https://hooks.slack.com/services/T0" + "1234567/B01234567/" + alnum24, alnum24},
	{"Discord webhook", "https://discord.com/api/webhooks/123456789012345678/" + alnum48, alnum48},
	{"Stripe", "sk_live_" + alnum24, alnum24},
	{"Stripe restricted", "rk_live_" + alnum24, alnum24},
	{"Stripe webhook", "whsec_" + alnum32, alnum32},
	{"Vault", "hvs." + alnum24, alnum24},
	{"Vault batch", "hvb." + alnum48, alnum48},
	{"npm", "npm_" + alnum36, alnum36},
	{"PyPI", "pypi-AgEIcHlwaS5vcmc" + alnum48, alnum48},
	{"Docker", "dckr_pat_" + alnum24, alnum24},
	{"OpenAI", "sk-proj-" + alnum24, alnum24},
	{"Anthropic", "sk-ant-api03-" + alnum48, alnum48},
	{"Hugging Face", "hf_" + alnum32, alnum32},
	{"Groq", "gsk_" + alnum48, alnum48},
	{"Google API", "AIza" + "SyD" + alnum32, alnum32},
	{"Google OAuth", "ya29." + alnum48, alnum48},
	{"SendGrid", "SG." + alnum24[:22] + "." + alnum48[:43], alnum48[:43]},
	{"DigitalOcean", "dop_v1_" + hex64, hex64},
	{"Shopify", "shpat_" + hex32, hex32},
	{"Databricks", "dapi" + hex32, hex32},
	{"New Relic", "NRAK-" + "Q7XK2LM9ZT4RB8VW1NY6PC3DH5J", "Q7XK2LM9ZT4RB8VW1NY6PC3DH5J"},
	{"Atlassian", "ATATT3xFfGF0" + alnum48, alnum48},
	{"Linear", "lin_api_" + alnum36, alnum36},
	{
		"age", "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE",
		"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
	},
	{"JWT", "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + base40[:20], "eyJzdWIiOiIxMjM0NTY3ODkwIn0"},
	{"RSA key", "-----BEGIN RSA PRIVATE KEY-----\n" + pem + "\n-----END RSA PRIVATE KEY-----", pem},
	{"OpenSSH key, cut off", "-----BEGIN OPENSSH PRIVATE KEY-----\n" + pem, pem},
	{"key in JSON", `"private_key": "-----BEGIN PRIVATE KEY-----\n` + pem + `\n-----END PRIVATE KEY-----\n"`, pem},
	// Secrets without other text around them.
	{"bare base64 of 40", "value " + base40 + " given", base40},
	{"bare base64 of 88", base88, base88},
	{"bare hex of 32", "got " + hex32, hex32},
	{"bare hex of 64", hex64, hex64},
	{"bare letters and digits of 24", "using " + alnum24 + " now", alnum24},
	{"bare letters and digits of 32", alnum32, alnum32},
	{"bare lower case of 32", "using " + lower32, lower32},
	{"bare base64url", "dGhpcyBpcyBh-IHNlY3JldCB0_b2tlbiBvZiAzMiBieXRlcw", "IHNlY3JldCB0"},
	{"UUID", "id 123e4567-e89b-12d3-a456-426614174000", "426614174000"},
}

func TestShapesOfSecretsAreMasked(t *testing.T) {
	require.GreaterOrEqual(t, len(shapes), 105)
	for _, s := range shapes {
		require.Contains(t, s.text, s.secret, s.name)
		require.NotContains(t, Text(s.text), s.secret, s.name)
	}
}

// People who read an exception need the addresses and the ids of jobs in it.
func TestSecretsLeavesAddressesAndIDs(t *testing.T) {
	text := "job 9f86d081884c7d659a2feaa0c55ad015 on 10.1.2.3:6122 (ops@example.com): password=hunter2"
	require.Equal(t, "job 9f86d081884c7d659a2feaa0c55ad015 on 10.1.2.3:6122 (ops@example.com): "+
		"password=[redacted]", Secrets(text))
	require.Equal(t, "job [redacted] on [redacted]:6122 ([redacted]): password=[redacted]", Text(text))
}

// The test combines every kind of name with every separator and quote.
func TestNamesInEveryQuoting(t *testing.T) {
	const secret = "Zx8kQ2"
	for _, name := range []string{
		"password", "db.password", "DB_PASSWORD", "dbPassword", "keyStorePassword", "DB_PW", "userPw", "pwd",
		"passwd", "passphrase", "s3.secret-key", "s3.secretKey",
		"secretAccessKey", "client_secret", "api_key", "apiKey", "x-api-key", "accessKey", "AccessKeyId",
		"license_key", "consumerKey", "storageAccountKey",
		"fs.azure.account.key.acct.blob.core.windows.net", "auth_token", "accessToken", "X-Vault-Token",
		"credentials", "sas", "sig", "signature", "hmac", "otp", "salt",
		"basic.auth.user.info", "keytab", "PHPSESSID", "passwort", "contraseña",
	} {
		for _, form := range []string{
			"%s=%s", "%s: %s", "%s = %s", "%s := %s", "%s => %s", "%s='%s'", `%s="%s"`, "%s: `%s`", `"%s":"%s"`,
			`"%s" : "%s"`, `\"%s\":\"%s\"`, `\\\"%s\\\":\\\"%s\\\"`, "'%s'='%s'",
			"{a=1, %s=%s, b=2}", "map[a:1 %s:%s b:2]", `x["%s"] = "%s"`, `set("%s", "%s")`,
			`{"key":"%s","value":"%s"}`, "- name: %s\n  value: %s", "%%22%s%%22%%3A%%22%s%%22",
			"%s: |\n  %s", "https://h/p?a=1&%s=%s&b=2",
		} {
			text := fmt.Sprintf(form, name, secret)
			require.NotContains(t, Text(text), secret, text)
		}
	}
}

func TestHarmlessSettingsStay(t *testing.T) {
	for _, text := range []string{
		"Token.java:12", "Unrecognized token 'abc': was expecting ('true')",
		"password authentication failed for user", "--episode=01KB1Z5Y3C7Q2K4ZV0M9T8RNEX-F1", "Basic authentication failed", "author=Jane",
		"authority: x", "passenger=3", "the key: value", "partition key=42", "tokenizer=standard",
		"session.timeout.ms=45000", "auth: required", "state.backend.type: rocksdb",
		"pipeline.generic-types: false", "taskmanager.memory.process.size: 1728m",
		"execution.checkpointing.interval: 10 s", "security.delegation.token.renewal.time: 1h",
		"at org.apache.flink.runtime.security.token.DefaultDelegationTokenManager.start(DefaultDelegationTokenManager.java:120)",
		"_ZN7rocksdb6DBImpl3GetERKNS_11ReadOptionsE", "Java_org_rocksdb_RocksDB_get__J_3BIIJ",
		"com.acme.OAuth2TokenProvider.getToken(OAuth2TokenProvider.java:33)",
		"security.delegation.token.provider.hadoopfs.enabled: true", "s3://bucket/flink/checkpoints/0123/chk-42",
		"G1EvacuateRegionsTask::scan_roots(G1ParScanThreadState*, unsigned int)",
		"ciToken::next ciSignature::ciSignature(ciKlass*, bool)", "Kafka topic orders.v1-2 partition 3 offset " +
			"123456789012",
	} {
		require.Equal(t, text, Text(text))
	}
}

// Stack traces contain almost no secrets. Each masked token is lost for advice.
func TestHarmlessTokensStay(t *testing.T) {
	text := traces(t)
	require.GreaterOrEqual(t, strings.Count(text, "\n\n"), 200)
	tokens, lost := 0, []string{}
	for line := range strings.Lines(text) {
		left := strings.Fields(Text(line))
		for i, token := range strings.Fields(line) {
			tokens++
			if i >= len(left) || left[i] != token {
				lost = append(lost, token)
			}
		}
	}
	require.Less(t, float64(len(lost)), 0.01*float64(tokens), "%d of %d: %v", len(lost), tokens, lost)
}

func TestRulesOfGitleaksCompile(t *testing.T) {
	require.Greater(t, len(leakRules()), 200)
	for _, rule := range leakRules() {
		require.NotPanics(t, func() { rule.mask("x") }, rule.ID)
	}
}

// A secret on its own line is masked, for any text before and after it.
func FuzzText(f *testing.F) {
	for _, s := range shapes {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		const secret = "Zx8kQ2vB"
		if strings.Contains(text, secret) {
			return
		}
		for _, planted := range []string{text + "\npassword=" + secret + "\n", "password=" + secret + "\n" + text} {
			require.NotContains(t, Text(planted), secret)
			require.NotContains(t, Secrets(planted), secret)
		}
		require.LessOrEqual(t, len(Text(text)), (len(text)+1)*(len(Masked)+1))
	})
}
