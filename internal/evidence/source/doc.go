// Package source finds the code of hot frames: a frame of a profile becomes the file, the line
// and the whole method in Java, Kotlin or Scala.
//
// Frames have no line numbers, so the class and the method lead to the code:
//
//	1  frame    com/acme/Job$Enricher.lambda$map$0 → package com.acme, types Job and Enricher, method map
//	2  tree     a directory, a git directory at a ref, or a jar of sources; read only
//	3  index    the source files of a tree, by name; by their declarations where the name does not help
//	4  code     the file with its comments and literals blanked, and its brackets in pairs
//	5  methods  the declarations of that name in the type, at most a few
//	6  excerpt  the lines, with secrets in literals masked
//
// There is no parser: a declaration is recognised by what precedes and follows its name, which
// is enough for code that compiles. Text that does not compile gives wrong lines or none.
//
// Everything is bounded: entries, files, bytes, methods, lines and time. Nothing outside of a
// root is read, and symbolic links are not followed, so loops end.
package source
