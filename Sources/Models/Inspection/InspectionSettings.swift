// The question: what is taken off, and where the line to zero is.

import Initializers
public import Spectra

/// What is asked of a checkpoint.
public struct InspectionSettings: Sendable {
  /// Where the line is between a singular value and zero.
  public let rule: ToleranceRule

  /// What is taken off each weight.
  public let baseline: Baseline

  /// Where outputs and inputs are among the weights' extents.
  public var layouts: TensorLayouts

  /// What singular values may be off by, of themselves: no more digits are shown.
  public let relativeError: Double

  /// Puts settings together.
  ///
  /// - Parameters:
  ///   - rule: Where the line is between a singular value and zero.
  ///   - baseline: What is taken off each weight.
  ///   - layouts: Where outputs and inputs are among the weights' extents.
  ///   - relativeError: What singular values may be off by, of themselves; above 0.
  /// - Throws: `InspectionError.randomBaseline`.
  public init(
    rule: ToleranceRule = .numPy, baseline: Baseline = .nothing,
    layouts: TensorLayouts = TensorLayouts(), relativeError: Double = 1e-4
  ) throws(InspectionError) {
    if case .initializer(let entry) = baseline, entry.isRandom {
      throw .randomBaseline(name: entry.name)
    }
    self.rule = rule
    self.baseline = baseline
    self.layouts = layouts
    self.relativeError = relativeError
  }
}
