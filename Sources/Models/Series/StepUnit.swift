// The unit of the steps of a series, and the selection of some of them.

/// The unit in which a series counts its steps.
public enum StepUnit: String, Codable, Sendable {
  /// Updates of the weights, also called iterations.
  case step

  /// Passes over the training data.
  case epoch
}

/// A selection of steps: single numbers and ranges.
public struct StepSelection: Equatable, Sendable, CustomStringConvertible {
  /// The selected ranges.
  public let ranges: [ClosedRange<Int>]

  /// Parses a selection; `nil` for any other text, and for a range that ends before it begins.
  ///
  /// - Parameter text: Numbers and ranges, separated by commas: `0,1000,2000-8000`. A `k` multiplies a
  ///   number by a thousand.
  public init?(_ text: String) {
    var ranges: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(StepNumber.parse)
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
        first <= last
      else { return nil }
      ranges.append(first...last)
    }
    self.ranges = ranges
  }

  /// Whether a step is selected.
  ///
  /// - Parameter step: Any number.
  /// - Returns: `true` if a range contains it.
  public func contains(_ step: Int) -> Bool { ranges.contains { $0.contains(step) } }

  /// The selection as text, `0,1000,2000-8000`.
  public var description: String {
    ranges.map { range in
      range.lowerBound == range.upperBound
        ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }.joined(separator: ",")
  }
}

/// Numbers of steps as people write them.
enum StepNumber {
  /// Parses a number of at least 0, with an optional `k` for a thousand.
  static func parse(_ text: some StringProtocol) -> Int? {
    let isThousands = text.hasSuffix("k") || text.hasSuffix("K")
    let digits = isThousands ? text.dropLast() : text[...]
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let number = Int(digits)
    else { return nil }
    let (product, isTooLarge) = number.multipliedReportingOverflow(by: isThousands ? 1000 : 1)
    return isTooLarge ? nil : product
  }
}
