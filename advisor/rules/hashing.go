package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var hashing = cause.Rule{
	Name:     "hashing",
	Category: cause.Other,
	Frames: cause.Pattern{
		"java.security.MessageDigest*", "sun.security.provider.MD*", "sun.security.provider.SHA*",
		"sun.security.provider.DigestBase.*", "org.apache.commons.codec.digest.*", "com.google.common.hash.*",
		"net.openhft.hashing.*", "net.jpountz.xxhash.*", "java.util.UUID.nameUUIDFromBytes",
	},
	Stubs: cause.Pattern{
		"sha1_impl*", "sha256_impl*", "sha512_impl*", "sha3_impl*", "md5_impl*", "*StubRoutines::(md5*", "*StubRoutines::(sha*",
	},
	Removable: cause.Span{Low: 0, High: 0.65},
	RestsOn:   cause.Ground{Kind: cause.Measured},
	Judge:     cause.CostsCPUOrStubs,
	What:      "hashing",
	Why:       "A cryptographic digest mixes every byte of its input in many rounds.",
	Change: "Hash only the fields that identify the record, and hash once and not in each operator. Where the digest is " +
		"only a key or a check for duplicates, use a fast hash (xxHash or Murmur3, 128 bits): it is faster for short " +
		"inputs. For long ones compare first, because processors have instructions for SHA. Keep one MessageDigest per " +
		"operator instance.",
	TradeOffs: "A fast hash is no protection: keep SHA-2 where the result is a signature or hides a secret. " +
		"Keys in state change with the hash.",
	Reference: docsJDK + "java/security/MessageDigest.html",
}

var randoms = cause.Rule{
	Name:     "random-numbers",
	Category: cause.Other,
	Frames: cause.Pattern{
		"java.security.SecureRandom.*", "java.util.UUID.randomUUID", "sun.security.provider.NativePRNG*",
		"sun.security.provider.DRBG*", "sun.security.provider.SecureRandom.*", "org.apache.commons.rng.*",
	},
	Removable: cause.Span{Low: 0.5, High: 0.9},
	RestsOn:   cause.Ground{Kind: cause.Measured, Says: "where a digest of the record replaces it"},
	Judge:     cause.CostsCPU,
	What:      "secure random numbers",
	Why: "UUID.randomUUID takes its bits from SecureRandom, which all threads of the process share, and which may " +
		"ask the operating system each time.",
	Change: "Derive the id from the record (key, partition and offset), which also makes results the same after a " +
		"restart; or take ThreadLocalRandom or SplittableRandom for ids that need no protection.",
	TradeOffs: "Such ids can be guessed: keep SecureRandom where they protect something.",
	Reference: docsJDK + "java/security/SecureRandom.html",
}
