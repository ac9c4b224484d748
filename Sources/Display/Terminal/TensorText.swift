// A matrix in PyTorch's text format, for comparison with the output of the reference notebook.

import Foundation
public import ZerOLinearAlgebra

extension Matrix<Float> {
  /// The text of `print(tensor)`: four decimals, integers as `1.`, exponents for wide ranges.
  ///
  /// For more than 1000 elements, only the first and last three rows and columns are printed.
  ///
  /// Reference: PyTorch, `torch/_tensor_str.py`.
  public var tensorText: String {
    let isSummarized = rows * columns > 1000
    let rowIndices = Self.shown(rows, isSummarized)
    let columnIndices = Self.shown(columns, isSummarized)
    let shown = rowIndices.compactMap(\.self).flatMap { i in
      columnIndices.compactMap(\.self).map { self[i, $0] }
    }
    let format = TensorNumberFormat(shown)
    let indent = String(repeating: " ", count: "tensor([".count)
    let perLine = max(1, (80 - indent.count) / (format.width + 2))
    let lines = rowIndices.map { i in
      guard let i else { return "..." }
      let cells = columnIndices.map { j in j.map { format.text(self[i, $0]) } ?? " ..." }
      let chunks = stride(from: 0, to: cells.count, by: perLine).map { start in
        cells[start..<Swift.min(start + perLine, cells.count)].joined(separator: ", ")
      }
      return "[" + chunks.joined(separator: ",\n\(indent) ") + "]"
    }
    return "tensor([" + lines.joined(separator: ",\n\(indent)") + "])"
  }

  /// The printed indices; `nil` represents the dots between them.
  private static func shown(_ count: Int, _ isSummarized: Bool) -> [Int?] {
    let edge = 3
    guard isSummarized, count > 2 * edge else { return (0..<count).map { $0 } }
    return (0..<edge).map { $0 } + [nil] + (count - edge..<count).map { $0 }
  }
}

/// The number format of one tensor.
struct TensorNumberFormat {
  private enum Style {
    case whole, fixed, scientific
  }

  private let style: Style
  private(set) var width = 1

  /// Chooses the format from the printed numbers.
  init(_ values: [Float]) {
    let magnitudes = values.filter { $0.isFinite && $0 != 0 }.map { Double(abs($0)) }
    let (low, high) = (magnitudes.min() ?? 1, magnitudes.max() ?? 1)
    if high / low > 1000 || high > 1e8 || low < 1e-4 {
      style = .scientific
    } else if magnitudes.allSatisfy({ $0 == $0.rounded(.up) }) {
      style = .whole
    } else {
      style = .fixed
    }
    width = values.filter { $0.isFinite && $0 != 0 }.map { bare($0).count }.max() ?? 1
  }

  private func bare(_ value: Float) -> String {
    switch style {
    case .whole: String(format: "%.0f", value) + (value.isFinite ? "." : "")
    case .fixed: String(format: "%.4f", value)
    case .scientific: String(format: "%.4e", value)
    }
  }

  func text(_ value: Float) -> String {
    let text = bare(value)
    return String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
