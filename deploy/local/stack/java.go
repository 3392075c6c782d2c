package stack

// quick is for services that are not measured: with the C1 compiler alone a JVM starts in
// half the CPU time, and at a few hundred records per second nothing is hot. TaskManagers
// run without it: their profiles should look as they do in production.
const quick = "-XX:TieredStopAtLevel=1"

// serial has the smallest footprint and no extra threads, which suits small heaps on two
// cores.
const serial = "-XX:+UseSerialGC"

// consoleLog is a Log4j 2 configuration that writes to stdout, which is the service's
// log file.
const consoleLog = `status = error
shutdownHook = disable
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{ISO8601} %-5p %-40c{1.} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`
