package rules

// The documentation that findings refer to.
const (
	docsFlink = "https://nightlies.apache.org/flink/flink-docs-stable/docs/"
	docsJDK   = "https://docs.oracle.com/en/java/javase/17/docs/api/java.base/"
)
