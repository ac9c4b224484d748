// The images of plans, from data sets in memory.

public import ZerODatasets
public import ZerORecords
public import ZerOTraining

/// Data sets by their names in plans, and the classes and images that plans keep of them, each selection made once.
public struct SelectedDatasets: Sendable {
  private let data: [String: Dataset]
  private var selections: [DataSelection: Dataset] = [:]

  /// Makes a value without selections.
  ///
  /// - Parameter data: The data sets that a program passes, by their names in the plans.
  public init(_ data: [String: Dataset]) { self.data = data }

  /// The classes and images of a plan.
  ///
  /// - Parameter plan: The plan.
  /// - Returns: The selection.
  /// - Throws: `DatasetError.notPassed` if there is no such data set, `.otherName` if it has another name, and the errors of
  ///   `Dataset.selecting(classes:train:test:)`.
  public mutating func dataset(of plan: TrainingPlan) throws(DatasetError) -> Dataset {
    let selection = DataSelection(of: plan)
    if let known = selections[selection] { return known }
    guard let whole = data[plan.data] else {
      throw .notPassed(plan.data, known: data.keys.sorted())
    }
    guard whole.name == plan.data else { throw .otherName(whole.name, expected: plan.data) }
    let dataset = try plan.selection(of: whole)
    selections[selection] = dataset
    return dataset
  }

  /// The descriptions of the selections of some plans.
  ///
  /// - Parameter plans: The plans.
  /// - Returns: One description per selection.
  /// - Throws: The errors of `dataset(of:)`.
  public mutating func descriptions(of plans: [TrainingPlan]) throws(DatasetError)
    -> [DataSelection: Provenance.Data]
  {
    var descriptions: [DataSelection: Provenance.Data] = [:]
    for plan in plans where descriptions[DataSelection(of: plan)] == nil {
      descriptions[DataSelection(of: plan)] = Provenance.Data(try dataset(of: plan))
    }
    return descriptions
  }
}
