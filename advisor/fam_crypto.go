package advisor

var tls = rule{
	name:     "tls",
	category: TLSCrypto,
	frames: pattern{
		"sun.security.ssl.*", "javax.crypto.*", "com.sun.crypto.provider.*", "org.bouncycastle.*",
		"*.netty.handler.ssl.*", "*.netty.internal.tcnative.*", "SSL_*", "EVP_*",
	},
	removable: span{low: 0.2, high: 0.6},
	judge:     costsCPU,
	settings:  []string{"ssl"},
	what:      "TLS and ciphers",
	why:       "Encryption is done in the task thread by a client of the job.",
	change: "Reuse connections, send larger requests, prefer AES-GCM on processors that have it, or use the " +
		"native OpenSSL provider; where the network is trusted, end TLS at a proxy on the same host.",
	tradeOffs: "Ending TLS earlier moves the border of trust: ask who owns it.",
}
