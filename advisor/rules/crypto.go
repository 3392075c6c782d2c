package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var tls = cause.Rule{
	Name:       "tls",
	Unrecorded: true,
	Category:   cause.TLSCrypto,
	Frames: cause.Pattern{
		"sun.security.ssl.*", "*.netty.handler.ssl.*", "*.netty.internal.tcnative.*", "SSL_*",
		"org.bouncycastle.tls.*", "org.bouncycastle.jsse.*",
	},
	Removable: cause.Span{Low: 0.2, High: 0.6},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Connections that are kept save the handshakes; the encryption itself stays, at another price.",
	},
	Judge:    cause.CostsCPU,
	Settings: []string{"ssl"},
	What:     "TLS",
	Why:      "Encryption is done in the task thread by a client of the job.",
	Change: "Reuse connections, send larger requests, prefer AES-GCM on processors that have it, or use the " +
		"native OpenSSL provider; where the network is trusted, end TLS at a proxy on the same host.",
	TradeOffs: "Ending TLS earlier moves the border of trust: ask who owns it.",
	Reference: docsFlink + "deployment/security/security-ssl/",
}

var ciphers = cause.Rule{
	Name:     "ciphers",
	Category: cause.TLSCrypto,
	Frames: cause.Pattern{
		"javax.crypto.*", "com.sun.crypto.provider.*", "org.bouncycastle.*", "EVP_*", "java.security.Signature.*",
	},
	Stubs: cause.Pattern{
		"aescrypt_*", "cipherBlockChaining_*", "counterMode_*", "electronicCodeBook_*", "galoisCounterMode_*", "ghash_*",
	},
	Removable: cause.Span{Low: 0.1, High: 0.5},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Fields that need no protection are left out; what is encrypted stays, at another price.",
	},
	Judge: cause.CostsCPUOrStubs,
	What:  "ciphers and signatures",
	Why:   "The code of the job encrypts, decrypts or signs in the task thread. No TLS connection is above it.",
	Change: "Make the Cipher, Mac or Signature once in open() and reuse it, derive keys once and not for each record, " +
		"encrypt only the fields that need it, and prefer AES-GCM on processors that have it.",
	TradeOffs: "A reused Cipher is not safe for several threads, and each message still needs its own nonce.",
	Parts: []cause.Part{{
		Frames: cause.Pattern{
			"javax.crypto.*.getInstance", "javax.crypto.Cipher.init", "javax.crypto.Mac.init",
			"javax.crypto.SecretKeyFactory.*", "java.security.Signature.getInstance", "java.security.Signature.init*",
		},
		What:      "making them, which is needed once for an operator",
		Removable: cause.Span{Low: 0.8, High: 0.98},
		RestsOn:   cause.Ground{Kind: cause.Measured},
	}},
	Reference: docsJDK + "javax/crypto/Cipher.html",
}
