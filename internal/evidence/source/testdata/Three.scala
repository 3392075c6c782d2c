package com.acme

class Three(x: Int):
  def process(y: Int): Int =
    val z = x + y

    z * 2

  def one(y: Int): Int = y

enum Color:
  case Red, Green
  def mix(other: Color): Color =
    other

def top(x: Int) =
  x
//~ com/acme/Three.process = 4-7
//~ com/acme/Three.one = 9-9
//~ com/acme/Color.mix = 13-14
//~ com/acme/Three$package$.top = 16-17
