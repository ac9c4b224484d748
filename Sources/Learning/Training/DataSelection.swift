// The part of a data set that a plan uses.

/// The classes and images of a data set that a plan keeps; plans with equal selections use the same images.
public struct DataSelection: Hashable, Sendable {
  /// The name of the data set.
  public let data: String

  /// The classes to keep, as texts; empty for all.
  public let classes: [String]

  /// The number of training images; 0 for all.
  public let trainImages: Int

  /// The number of test images; 0 for all.
  public let testImages: Int

  /// The selection of a plan.
  public init(of plan: TrainingPlan) {
    data = plan.data
    classes = plan.classes
    trainImages = plan.trainImages
    testImages = plan.testImages
  }
}
