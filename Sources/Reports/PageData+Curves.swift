// A run's curves as the page draws them: by name, at the measurements that are shown.

import Experiments
import Foundation
import Records
import Training

extension PageData {
  /// Every `stride`-th row, and the last.
  static func thinned(_ rows: [TrainRow], _ stride: Int) -> [TrainRow] {
    rows.enumerated().filter { $0.offset.isMultiple(of: stride) || $0.offset == rows.count - 1 }
      .map(\.element)
  }

  /// The curves of weights, and of whatever else a figure draws.
  static func curves(_ rows: [TrainRow], _ drawn: Set<[String]>) -> [String: [Double?]] {
    var curves: [String: [Double?]] = [
      "loss": rows.map { seen($0.loss) }, "accuracy": rows.map { seen($0.runningAccuracy) },
    ]
    let names = rows.reduce(into: Set<[String]>()) { names, row in
      for (quantity, values) in row.quantities {
        for tensor in values.keys
        where tensor.hasSuffix(".weight") || drawn.contains([quantity, tensor]) {
          names.insert([quantity, tensor])
        }
      }
    }
    for name in names {
      curves["\(name[0]) \(name[1])"] = rows.map { $0.quantities[name[0]]?[name[1]].flatMap(seen) }
    }
    return curves
  }

  /// The curves of figures that show differences.
  static func differences(
    _ rows: [TrainRow], _ record: RunRecord,
    _ figures: some Sequence<(FigureSpecification, FigureValues)>
  ) -> [String: [Double?]] {
    var curves: [String: [Double?]] = [:]
    for (index, (figure, values)) in figures.enumerated()
    where figure.difference != nil && figure.runs.matches(record.plan) {
      let series = Dictionary(values.series(of: record).map { ($0.updates, $0.value) }) { $1 }
      curves[Figure.differenceName(index)] = rows.map { series[$0.iteration + 1].flatMap(seen) }
    }
    return curves
  }

  static func ceilings(of record: RunRecord) -> [String: Int] {
    var ceilings: [String: Int] = [:]
    for quantity in record.plan.quantities {
      for tensor in record.plan.measuredWeights {
        ceilings["\(quantity) \(tensor)"] = record.ceiling(of: quantity, tensor)
      }
    }
    return ceilings
  }

  /// A number to four digits, which is more than a chart shows, and whole ones as they are; `nil` for what is none.
  static func seen(_ value: Double) -> Double? {
    guard value.isFinite, value != value.rounded() || abs(value) >= 1e15 else {
      return value.isFinite ? value : nil
    }
    return Double(String(format: "%.4g", value))
  }
}
