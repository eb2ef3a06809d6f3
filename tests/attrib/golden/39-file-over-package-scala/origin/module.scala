/* SPDX-FileCopyrightText: 2017 Lia Other */
/* SPDX-License-Identifier: BSD-2-Clause */
object Windows {
  def windows[A](values: Vector[A], size: Int, step: Int): Iterator[(Int, Vector[A])] = {
    require(size > 0 && step > 0, s"size $size and step $step must be positive")
    val last = math.max(0, values.length - size)
    Iterator
      .iterate(0)(_ + step)
      .takeWhile(start => start <= last || start == 0)
      .map(start => (start, values.slice(start, start + size)))
      .filter { case (_, window) => window.nonEmpty }
  }
}
