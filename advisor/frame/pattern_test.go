package frame

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNamesOfFrames: those of C++ and of the kernel are native, and stay as they are.
func TestNamesOfFrames(t *testing.T) {
	for _, name := range []string{
		"/usr/lib/libc.so", "/lib/x.so.6", "Compile::Optimize", "os::x.y", "f(int).x", "a b.c", "[unknown]", "[a.b]", "memcpy", "x/y",
	} {
		require.True(t, Native(name), name)
	}
	for _, name := range []string{"java/lang/Thread.run", "com.acme.A.a", "A.a"} {
		require.False(t, Native(name), name)
	}
	for name, want := range map[string]string{
		"a/B.c_[j]": "a.B.c", "a/B.c_[0]": "a.B.c", "a/B.c": "a.B.c", "a/B$$Lambda$12/0x00ff.run": "a.B$$Lambda.run",
		"a/GeneratedMethodAccessor12.invoke": "a.GeneratedMethodAccessor.invoke", "x::y_[k]": "x::y",
	} {
		require.Equal(t, want, Dotted(name), name)
	}
}
