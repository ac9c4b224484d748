// The one way in which the tests compare numbers that need not be equal.

package import Testing

/// How far two numbers may be apart, and why so far.
package struct Tolerance: Sendable {
  /// The share of the expected value.
  package let relative: Double

  /// What is allowed near zero.
  package let absolute: Double

  /// Why.
  package let reason: String

  /// Makes a tolerance.
  package init(relative: Double = 0, absolute: Double = 0, because reason: String) {
    self.relative = relative
    self.absolute = absolute
    self.reason = reason
  }
}

/// Expects a number to be close to another; a failure prints both, the error and what was allowed.
///
/// - Parameters:
///   - observed: What came out; a NaN is never close.
///   - expected: What should have.
///   - tolerance: Finite and named.
///   - what: What the numbers are.
///   - sourceLocation: Where a failure is reported.
package func expectClose(
  _ observed: Double, _ expected: Double, within tolerance: Tolerance,
  _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let error = abs(observed - expected)
  let allowed = tolerance.absolute + tolerance.relative * abs(expected)
  // Written so that a NaN fails.
  if !(error <= allowed) {
    Issue.record(
      """
      \(what()): expected \(expected), observed \(observed), error \(error), allowed \(allowed) \
      (\(tolerance.reason))
      """, sourceLocation: sourceLocation)
  }
}

/// Expects two sequences to be close, element by element, and equally long.
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
