// Numbers that describe a whole run and not one of its weights.

/// A number of the whole network, which every run records: those of a batch at each measurement, those of the test images after each epoch.
public enum RunQuantity: String, CaseIterable, Sendable {
  /// The mean loss of a batch before its update.
  case loss
  /// The proportion of training images of the epoch so far that were classified correctly, in percent.
  case runningAccuracy = "running_accuracy"
  /// The mean loss over the test images.
  case testLoss = "test_loss"
  /// The proportion of test images that are classified correctly, in percent.
  case testAccuracy = "test_accuracy"

  /// The names, as figures use them.
  public static let names = allCases.map(\.rawValue)

  /// Whether the number is of the test images, so there is one per epoch.
  public var isOfTest: Bool { self == .testLoss || self == .testAccuracy }
}
