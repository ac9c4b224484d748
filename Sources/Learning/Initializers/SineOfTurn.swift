// Sines of fractions of a turn, for the rules that are made of them.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// sin(2π · `part` / `whole`).
///
/// The angle is folded into the first quarter in whole numbers, so that zeros are 0, ends are ±1, and
/// sines that are equal but for their sign are so bit for bit, however large the angle.
///
/// - Parameters:
///   - part: 0 ..< `whole`.
///   - whole: 1 ... 2⁶⁰.
/// - Returns: The sine, to the rounding of a sine in the first quarter.
func sine(ofTurn part: Int, of whole: Int) -> Double {
  precondition((0..<whole).contains(part), "\(part) of \(whole) is no part of a turn")
  let isNegative = 2 * part > whole
  let half = isNegative ? whole - part : part  // of whole: up to half a turn
  let quarters = min(4 * half, 2 * whole - 4 * half)  // of 4 · whole: up to a quarter
  let value = sin(Double.pi / 2 * (Double(quarters) / Double(whole)))
  return isNegative ? -value : value
}
