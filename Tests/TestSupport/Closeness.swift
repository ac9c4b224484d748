// Comparison of numbers that need not be equal, for all tests.

package import Testing

/// The maximum error of a number, with its reason.
package struct Tolerance: Sendable {
  /// The maximum error relative to the expected value.
  package let relative: Double

  /// The additional absolute error, for expected values near zero.
  package let absolute: Double

  /// The reason for this tolerance.
  package let reason: String

  /// Creates a tolerance.
  package init(relative: Double = 0, absolute: Double = 0, because reason: String) {
    self.relative = relative
    self.absolute = absolute
    self.reason = reason
  }
}

/// Expects a number to be close to another one.
///
/// A failure prints both numbers, the error and the maximum error.
///
/// - Parameters:
///   - observed: The observed number; a NaN is never close.
///   - expected: The expected number.
///   - tolerance: The maximum error.
///   - what: A description of the number, for the failure.
///   - sourceLocation: The location of the failure.
package func expectClose(
  _ observed: Double, _ expected: Double, within tolerance: Tolerance,
  _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = abs(observed - expected)
  let allowed = tolerance.absolute + tolerance.relative * abs(expected)
  // Negated, so a NaN fails.
  if !(error <= allowed) {
    Issue.record(
      """
      \(what()): expected \(expected), observed \(observed), error \(error), allowed \(allowed) \
      (\(tolerance.reason))
      """, sourceLocation: sourceLocation)
  }
}

/// Expects two collections to have the same length and close elements.
package func expectClose(
  _ observed: some Collection<Double>, _ expected: some Collection<Double>,
  within tolerance: Tolerance, _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(observed.count == expected.count, sourceLocation: sourceLocation)
  for (index, (mine, theirs)) in zip(observed, expected).enumerated() {
    expectClose(
      mine, theirs, within: tolerance, "\(what())[\(index)]", sourceLocation: sourceLocation)
  }
}
