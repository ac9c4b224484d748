// What tells two plans apart, for whoever finds the wrong one.

import Foundation
public import Training

extension TrainingPlan {
  /// The key of the first field, in files' order of names, in which two plans differ.
  ///
  /// - Parameter other: The plan to compare with.
  /// - Returns: `nil` for equal plans.
  public func firstDifference(from other: TrainingPlan) -> String? {
    guard self != other else { return nil }
    let (mine, theirs) = (fields, other.fields)
    return CodingKeys.allCases.map(\.rawValue).sorted().first { mine[$0] != theirs[$0] }
  }

  private var fields: [String: NSObject] {
    guard let data = try? RecordFiles.encoder().encode(self) else { return [:] }
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: NSObject] ?? [:]
  }
}
