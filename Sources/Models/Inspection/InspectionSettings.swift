// Settings of an inspection: tolerance rule, baseline, layouts, and selected tensors.

public import ZerOCheckpoints
import ZerOInitializers
public import ZerONamePatterns
public import ZerOSpectra

/// The settings of an inspection.
public struct InspectionSettings: Sendable {
  /// The tolerance above which a singular value counts.
  public let rule: ToleranceRule

  /// The matrix that is subtracted from each weight.
  public let baseline: Baseline

  /// A checkpoint whose tensors of the same names are added to each weight; `nil` for none.
  public let addend: TensorArchive?

  /// The layouts of the weights.
  public var layouts: TensorLayouts

  /// The largest relative error of the singular values, which are displayed with no more digits.
  public let relativeError: Double

  /// Creates settings.
  ///
  /// - Parameters:
  ///   - rule: The tolerance above which a singular value counts.
  ///   - baseline: The matrix that is subtracted from each weight.
  ///   - addend: A checkpoint that is added to each weight, for example the base model of an adapter.
  ///   - layouts: The layouts of the weights.
  ///   - relativeError: The largest relative error of the singular values; above 0.
  /// - Throws: `InspectionError.randomBaseline`.
  public init(
    rule: ToleranceRule = .numPy, baseline: Baseline = .nothing, addend: TensorArchive? = nil,
    layouts: TensorLayouts = TensorLayouts(), relativeError: Double = 1e-4
  ) throws(InspectionError) {
    if case .initializer(let entry) = baseline, entry.isRandom {
      throw .randomBaseline(name: entry.name)
    }
    self.rule = rule
    self.baseline = baseline
    self.addend = addend
    self.layouts = layouts
    self.relativeError = relativeError
  }
}

extension InspectionSettings {
  /// The matrix whose rank is computed, as a formula.
  public var difference: String {
    guard let addend else { return baseline.description }
    return "W + W of \(addend.path)" + baseline.description.dropFirst()
  }
}

/// A selection of tensors by name.
public struct TensorSelection: Sendable {
  /// Tensors must match one of these patterns; empty selects all tensors.
  public let selected: [NamePattern]

  /// Tensors must match none of these patterns.
  public let skipped: [NamePattern]

  /// Creates a selection.
  public init(selected: [NamePattern] = [], skipped: [NamePattern] = []) {
    self.selected = selected
    self.skipped = skipped
  }

  /// The selected tensors, in their order; a matrix of a stack matches by its own name or by the
  /// stack's.
  func tensors(of arrays: [StoredTensor]) -> [StoredTensor] {
    let names = Set(arrays.flatMap { [$0.name] + ($0.origin.map { [$0.name] } ?? []) })
    let (selected, skipped) = (
      selected.map { $0.resolved(among: names) }, skipped.map { $0.resolved(among: names) }
    )
    return arrays.filter { array in
      func isNamed(by pattern: NamePattern) -> Bool {
        pattern.matches(array.name) || array.origin.map { pattern.matches($0.name) } ?? false
      }
      return (selected.isEmpty || selected.contains(where: isNamed))
        && !skipped.contains(where: isNamed)
    }
  }
}
