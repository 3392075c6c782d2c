package com
package acme

object Job extends App {
  val symbol = 'name
  val text = s"a ${values.map { v => s"$v }" }} {"
  val plain = "${ not a template"
  val raw = """ { " """"

  def process[K <: Ordered[K]](in: Map[K, Int], f: Int => Int)(implicit e: Env): Int = {
    in.values.map { v => f(v) }.sum
  }

  def twice(x: Int): Int = x match {
    case 0 => 0
    case _ => x * 2
  }

  def sum(a: Int) = a +
    1

  def unit(x: Int) { println("}") }
  def next: Int
  private[acme] def last = 1
}

class Job(val name: String) extends Function[Int, Int] {
  override def apply(x: Int): Int = x
}

case class Event(id: Long)

trait Codec {
  def code(x: Int): Int
  def other(x: Int): Int = {
    x
  }
}
//~ com/acme/Job$.process = 10-12
//~ com/acme/Job$.$anonfun$process$1 = 10-12
//~ com/acme/Job$$anonfun$twice$1.apply = 14-17
//~ com/acme/Job$.sum = 19-20
//~ com/acme/Job$.unit = 22-22
//~ com/acme/Job$.next =
//~ com/acme/Job$.last = 24-24
//~ com/acme/Job.apply = 28-28
//~ com/acme/Codec.code =
//~ com/acme/Codec.other = 35-37
