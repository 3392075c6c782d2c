package flame

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNormal(t *testing.T) {
	for name, want := range map[string]string{
		// Normal names stay unchanged.
		"java/lang/Thread.run":                         "java/lang/Thread.run",
		"com/acme/Job$Enrich.map":                      "com/acme/Job$Enrich.map",
		"com/acme/Job$1.map":                           "com/acme/Job$1.map",
		"java/util/HashMap$Node[]":                     "java/util/HashMap$Node[]",
		"void snappy::Decode<4ul, 0x1f>(char const*)":  "void snappy::Decode<4ul, 0x1f>(char const*)",
		"[unknown_Java]":                               "[unknown_Java]",
		"java/util/stream/ReduceOps$3.makeSink":        "java/util/stream/ReduceOps$3.makeSink",
		"sun/nio/ch/Net.poll":                          "sun/nio/ch/Net.poll",
		"com/acme/Codec$Proxy.facade":                  "com/acme/Codec$Proxy.facade",
		"java/lang/invoke/LambdaFormEditor.bindArgumA": "java/lang/invoke/LambdaFormEditor.bindArgumA",
		// Lambdas and hidden classes of JDK 8 to 21, by both dialects and as classes.
		"com/acme/Job$$Lambda$916.0x00007f4c066911a8.accept":           "com/acme/Job$$Lambda.accept",
		"com/acme/Job$$Lambda$14/0x0000000800c03000.facade":            "com/acme/Job$$Lambda.facade",
		"com/acme/Job$$Lambda$14/1234567.apply":                        "com/acme/Job$$Lambda.apply",
		"com/acme/Job$$Lambda.0x800000063.run":                         "com/acme/Job$$Lambda.run",
		"com/acme/Job$$Lambda/0x00007f4c066911a8.run":                  "com/acme/Job$$Lambda.run",
		"com.acme.Job$$Lambda$1185+0x00007f4c0678aee0":                 "com.acme.Job$$Lambda",
		"com/acme/Job$$Lambda$12.run":                                  "com/acme/Job$$Lambda.run",
		"java/lang/invoke/LambdaForm$MH.0x00007f4c06120800.invoke":     "java/lang/invoke/LambdaForm$MH.invoke",
		"java/lang/invoke/LambdaForm$DMH/123.invokeStatic_L_V":         "java/lang/invoke/LambdaForm$DMH.invokeStatic_L_V",
		"com/acme/Hidden+0x00007f4c06120800.call":                      "com/acme/Hidden.call",
		"com/acme/Job.lambda$map$3":                                    "com/acme/Job.lambda$map$*",
		"com/acme/Job.lambda$map$12ab":                                 "com/acme/Job.lambda$map$12ab",
		"jdk/internal/reflect/GeneratedMethodAccessor15.invoke":        "jdk/internal/reflect/GeneratedMethodAccessor.invoke",
		"sun/reflect/GeneratedSerializationConstructorAccessor3.newIt": "sun/reflect/GeneratedSerializationConstructorAccessor.newIt",
		"jdk/proxy2/$Proxy34.findById":                                 "jdk/proxy/$Proxy.findById",
		"com/sun/proxy/$Proxy12.findById":                              "jdk/proxy/$Proxy.findById",
		"com/acme/Repo$$EnhancerByCGLIB$$1a2b3c4d.find":                "com/acme/Repo$$EnhancerByCGLIB.find",
		"com/acme/Repo$$SpringCGLIB$$0.find":                           "com/acme/Repo$$SpringCGLIB.find",
		"com/acme/Repo$ByteBuddy$x3Kq9.find":                           "com/acme/Repo$ByteBuddy.find",
		// Scala and Kotlin.
		"org/apache/pekko/remote/EndpointReader$$anonfun$receive$2.applyOrElse": "org/apache/pekko/remote/EndpointReader$$anonfun$receive$*.applyOrElse",
		"org/apache/pekko/actor/Scheduler$$anon$1$$anon$2.run":                  "org/apache/pekko/actor/Scheduler$$anon$*$$anon$*.run",
		"com/acme/Job$.$anonfun$main$3$adapted":                                 "com/acme/Job$.$anonfun$main$*$adapted",
		"com/acme/JobKt.main$lambda$2$1":                                        "com/acme/JobKt.main$lambda$*",
		"com/acme/JobKt$main$1$2.invoke":                                        "com/acme/JobKt$main$*.invoke",
		// Classes that Flink generates for SQL.
		"StreamExecCalc$12.processElement_split3": "StreamExecCalc$*.processElement_split*",
		"GroupAggsHandler$7.accumulate":           "GroupAggsHandler$*.accumulate",
		// Libraries and threads.
		"/tmp/tm_1/rocksdb-lib-7e9c3da7/librocksdbjni-linux64.so": "librocksdbjni-linux64.so",
		"[Source: orders (1/2)#0 tid=4711]":                       "[Source: orders (1/2)#0]",
		// The result is never empty.
		"+0x12":      "+0x12",
		"_[0]/0xabc": "_[0]/0xabc",
	} {
		require.Equal(t, want, Normal(name))
		require.Equal(t, want, Normal(want), "a normal name does not change")
	}
}

// FuzzNormal: a normal name is not empty and does not change again. It contains a separator
// of frames only if the original name does.
func FuzzNormal(f *testing.F) {
	for _, name := range []string{
		"a$$Lambda$1/0x2.b", "jdk/proxy2/$Proxy34.a", "A$1.b_split$3", "/a/b$c$1",
		"[x tid=1]", "$a.0x1$1",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		normal := Normal(name)
		require.Equal(t, normal, Normal(normal))
		require.Equal(t, name == "", normal == "")
		require.LessOrEqual(t, len(normal), len(name)+len("jdk"))
	})
}
