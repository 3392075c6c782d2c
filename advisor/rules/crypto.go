package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var tls = cause.Rule{
	Name:     "tls",
	Category: cause.TLSCrypto,
	Frames: cause.Pattern{
		"sun.security.ssl.*", "javax.crypto.*", "com.sun.crypto.provider.*", "org.bouncycastle.*",
		"*.netty.handler.ssl.*", "*.netty.internal.tcnative.*", "SSL_*", "EVP_*",
	},
	Removable: cause.Span{Low: 0.2, High: 0.6},
	Judge:     cause.CostsCPU,
	Settings:  []string{"ssl"},
	What:      "TLS and ciphers",
	Why:       "Encryption is done in the task thread by a client of the job.",
	Change: "Reuse connections, send larger requests, prefer AES-GCM on processors that have it, or use the " +
		"native OpenSSL provider; where the network is trusted, end TLS at a proxy on the same host.",
	TradeOffs: "Ending TLS earlier moves the border of trust: ask who owns it.",
}
