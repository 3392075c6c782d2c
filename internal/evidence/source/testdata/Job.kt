package com.acme

/* a comment /* in a comment */ with { */
class Job(val name: String) : Base(name) {
    val text = "a ${map["}"] ?: run { "{" }} b"
    val raw = """ { \ ${ if (x) "}" else """{""" } """
    val letter = '"'

    init {
        println("{")
    }

    @Throws(Exception::class)
    override fun process(value: Map<String, List<Int>>, out: (Int) -> Unit): Int {
        value.forEach { out(it) }
        return value.map { it.size }
    }

    fun process(value: Int) = value + 1

    fun <T> String.extended(x: T): List<T> where T : Any =
        listOf(x)
            .map { it }

    suspend fun wait(ms: Long): Unit =
        run {
            delay(ms)
        }

    companion object {
        @JvmStatic fun main(args: Array<String>) { Job("a").process(1) }
    }
}

interface Codec {
    fun encode(value: Int): String
    fun decode(value: String): Int
}

data class Point(val x: Int, val y: Int)

class After { fun after() { } }

fun top(x: Int): Int {
    return x
}

class Options(val make: () -> Int = { 1 }, val other: Int = (2)) : Base({ 3 }) {
    fun chosen() = make()
}
//~ com/acme/Options.chosen = 49-49
//~ com/acme/Job.process = 13-17 19-19
//~ com/acme/Job.process$lambda$0 = 13-17 19-19
//~ com/acme/Job.process$default = 13-17 19-19
//~ com/acme/Job.extended = 21-23
//~ com/acme/Job$wait$1.invokeSuspend = 25-28
//~ com/acme/Job$Companion.main = 31-31
//~ com/acme/Job.<init> = 9-11
//~ com/acme/JobKt.top = 44-46
//~ com/acme/After.after = 42-42
//~ com/acme/Codec.encode =
