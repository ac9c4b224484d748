// The curves of a run as the page draws them.

import Foundation
import ZerOExperiments
import ZerORecords
import ZerOTraining

extension PageData {
  /// Every `stride`-th row, and the last one.
  static func thinned<Row>(_ rows: [Row], _ stride: Int) -> [Row] {
    guard stride > 1 else { return rows }
    return rows.enumerated().filter {
      $0.offset.isMultiple(of: stride) || $0.offset == rows.count - 1
    }.map(\.element)
  }

  /// The curves by name: loss, accuracy, the quantities of weights, and every other quantity that a figure draws.
  static func curves(_ rows: [TrainingStep], _ drawn: Set<CurveName>) -> [String: [Double?]] {
    var curves: [String: [Double?]] = [
      "loss": rows.map { seen($0.loss) }, "accuracy": rows.map { seen($0.runningAccuracy) },
    ]
    let names = rows.reduce(into: Set<CurveName>()) { names, row in
      for (quantity, values) in row.quantities {
        for tensor in values.keys {
          let name = CurveName(quantity: quantity, tensor: tensor)
          if tensor.hasSuffix(".weight") || drawn.contains(name) { names.insert(name) }
        }
      }
    }
    for name in names {
      curves["\(name.quantity) \(name.tensor)"] = rows.map {
        $0.quantities[name.quantity]?[name.tensor].flatMap(seen)
      }
    }
    return curves
  }

  /// The ceilings of a run's ranks by the name of the curve.
  static func ceilings(of record: RunRecord) -> [String: Int] {
    var ceilings: [String: Int] = [:]
    for quantity in record.plan.quantities {
      for tensor in record.plan.measuredWeights {
        ceilings["\(quantity) \(tensor)"] = record.ceiling?.limit(
          of: quantity, tensor, below: record.largestRank(of: tensor))
      }
    }
    return ceilings
  }

  /// A number with four significant digits, more than a chart resolves; an integer stays as it is.
  ///
  /// - Returns: `nil` for a NaN or an infinity.
  static func seen(_ value: Double) -> Double? {
    guard value.isFinite, value != value.rounded() || abs(value) >= 1e15 else {
      return value.isFinite ? value : nil
    }
    // Rounding up may exceed the largest number.
    return Double(String(format: "%.4g", value)).map { $0.isFinite ? $0 : value }
  }
}
