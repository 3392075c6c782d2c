package source

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDeclarations: the exact text that a frame leads to. Several are separated by "|".
func TestDeclarations(t *testing.T) {
	for _, tc := range []struct {
		name       string
		lang       language
		frame      string
		text, want string
	}{
		{"a method", java, "A.run", "class A { void run() { x(); } }", "void run() { x(); }"},
		{"at the end of the file", java, "A.run", "class A{void run(){}", "void run(){}"},
		{
			"annotations above", java, "A.run",
			"class A {\n  @Override\n  public\n  void run() { }\n}",
			"@Override\n  public\n  void run() { }",
		},
		{"a field above", java, "A.run", "class A {\n  int i;\n  void run() { }\n}", "void run() { }"},
		{"a field on its line", java, "A.run", "class A {\n  int i; void run() { }\n}", "void run() { }"},
		{
			"an annotation with a brace", java, "A.run",
			"class A {\n  @S({\"a\"}) void run() { }\n}",
			`@S({"a"}) void run() { }`,
		},
		{"a blank line above", java, "A.run", "class A {\n  int i;\n\n  void run() { }\n}", "void run() { }"},
		{
			"throws", java, "A.run",
			"class A { void run() throws java.io.IOException, B<C> { } }",
			"void run() throws java.io.IOException, B<C> { }",
		},
		{"a call", java, "A.run", "class A { int x = run(); { a.run() ; } }", ""},
		{"an abstract method", java, "A.run", "class A { abstract void run(); void other() { } }", ""},
		{"a use after return", java, "A.run", "class A { B f() { return run() { } } }", ""},
		{"an instance", java, "A.B", "class A { void f() { new B() { }; } }", ""},
		{"a use after a dot", java, "A.run", "class A { void f() { if (b.run() ) { x(); } c.run() { } } }", ""},
		{
			"a use after an operator", java, "A.run",
			"class A { { a = run() { } b(run() { } c, run() { } d ? run() { } " +
				": run() { } ! run() { } && run() { } | run() { } + run() { } } }",
			"",
		},
		{"a use after else", java, "A.run", "class A { { if (a) b(); else run() { } } }", ""},
		{"a declaration after a type", java, "A.run", "class A { elsewhere run() { } }", "elsewhere run() { }"},
		{"a declaration after an array", java, "A.run", "class A { int[] run() { } }", "int[] run() { }"},
		{"a declaration after a generic type", java, "A.run", "class A { <T> T run() { } }", "<T> T run() { }"},
		{"a part of a name", java, "A.run", "class A { void rerun() { } void run2() { } }", ""},
		{
			"its name twice", java, "A.run",
			"class A { void run(int a) { } void run() { } }",
			"void run(int a) { }|void run() { }",
		},
		{"the least depth", java, "A.run", "class A { class B { void run() { b(); } } void run() { } }", "void run() { }"},
		{
			"of an inner type", java, "A$B.run",
			"class A { class B { void run() { b(); } } void run() { } }",
			"void run() { b(); }",
		},
		{
			"of a type without a name", java, "A$1.run",
			"class A { void run() { } void f() { new B() { void run() { b(); } }; } }",
			"void run() { b(); }",
		},
		{"a constructor", java, "A.<init>", "class A { A(int x) { } void a() { } }", "A(int x) { }"},
		{"static code", java, "A.<clinit>", "class A { static int x; static { y(); } }", "static { y(); }"},
		{"a letter before its name", java, "A.run", "class A { void érun() { } }", ""},
		{
			"parameters with parentheses", java, "A.run",
			"class A { void run(@S(\"x\") int a) { } }",
			"void run(@S(\"x\") int a) { }",
		},
		{
			"parameters over lines", java, "A.run",
			"class A {\n  void run(\n    int a\n  )\n  {\n    x();\n  }\n}",
			"void run(\n    int a\n  )\n  {\n    x();\n  }",
		},

		{"a function", kotlin, "A.run", "class A { fun run() { x() } }", "fun run() { x() }"},
		{
			"a function with a type", kotlin, "A.run",
			"class A {\n  fun run(a: Int): Int {\n    return 1\n  }\n}",
			"fun run(a: Int): Int {\n    return 1\n  }",
		},
		{"an expression", kotlin, "A.run", "class A {\n  fun run() = 1 + 2\n  val y = 3\n}", "fun run() = 1 + 2"},
		{
			"an expression over lines", kotlin, "A.run",
			"class A {\n  fun run() =\n    a\n      .b()\n  val y = 3\n}",
			"fun run() =\n    a\n      .b()",
		},
		{
			"an expression in braces", kotlin, "A.run",
			"class A {\n  fun run() = {\n    a\n  }\n  val y = 3\n}",
			"fun run() = {\n    a\n  }",
		},
		{"an expression before a brace", kotlin, "A.run", "class A { fun run() = f(1) }", "fun run() = f(1)"},
		{"an expression before a semicolon", kotlin, "A.run", "class A { fun run() = 1; val y = 3 }", "fun run() = 1"},
		{"no body", kotlin, "A.run", "interface A {\n  fun run()\n  val y = { }\n}", ""},
		{"no body before a brace", kotlin, "A.run", "interface A { fun run() }\nclass B { }", ""},
		{
			"the body on the next line", kotlin, "A.run",
			"class A {\n  fun run()\n  {\n    x()\n  }\n}",
			"fun run()\n  {\n    x()\n  }",
		},
		{"an extension", kotlin, "A.run", "class A { fun <T> List<T>.run() { x() } }", "fun <T> List<T>.run() { x() }"},
		{
			"a function as a parameter", kotlin, "A.run",
			"class A { fun run(f: (Int) -> Int) { x() } }",
			"fun run(f: (Int) -> Int) { x() }",
		},
		{"a call of a function", kotlin, "A.run", "class A { val x = run() }", ""},
		{"cut off in its body", kotlin, "AKt.run", "fun run() {", ""},
		{"cut off in its parameters", kotlin, "AKt.run", "fun run( { x() }", "fun run( { x() }"},
		{"cut off before its expression", kotlin, "AKt.run", "fun run() =", "fun run() ="},
		{"cut off in its type", kotlin, "AKt.run", "fun run(): Int =>", ""},
		{"init", kotlin, "A.<init>", "class A {\n  init { x() }\n}", "init { x() }"},
		{"an annotation above", kotlin, "A.run", "class A {\n  @B\n  fun run() { }\n}", "@B\n  fun run() { }"},
		{"a value above", kotlin, "A.run", "class A {\n  val b = 1\n  fun run() { }\n}", "fun run() { }"},

		{"def", scala, "A.run", "class A { def run(x: Int): Int = { x } }", "def run(x: Int): Int = { x } }"},
		{
			"def with a function", scala, "A.run",
			"class A {\n  def run(f: Int => Int): Int => Int = f\n}",
			"def run(f: Int => Int): Int => Int = f",
		},
		{"def with types", scala, "A.run", "class A {\n  def run[T](x: T) = x\n}", "def run[T](x: T) = x"},
		{
			"def by indentation", scala, "A.run",
			"class A:\n  def run() =\n    val x = 1\n    x\n  def other() = 2\n",
			"def run() =\n    val x = 1\n    x",
		},
		{"the companion", scala, "A$.run", "class A { def go() = 1 }\nobject A { def run() = 2 }", "def run() = 2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := newCode([]byte(tc.text), tc.lang)
			target, ok := parseFrame(tc.frame)
			require.True(t, ok)
			var got []string
			for _, at := range c.methods(target) {
				got = append(got, tc.text[at.from:at.to])
			}
			require.Equal(t, tc.want, strings.Join(got, "|"))
		})
	}
}
