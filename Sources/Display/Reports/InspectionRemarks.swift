// What the table of a checkpoint's ranks can't say.

import Checkpoints
public import Inspection
import Messages
import Spectra

extension CheckpointInspection {
  /// What was asked, in a line: the difference, the tolerance, and what was assumed about types and layouts.
  public var question: String {
    let narrow = matrices.filter { tensor in
      tensor.format.map { $0.epsilon > FloatFormat.float32.epsilon } ?? false
    }.map(\.type)
    let turned = turnedMatrices.count
    var parts = [settings.baseline.description, settings.rule.description]
    if settings.rule == .numPy, !narrow.isEmpty {
      parts.append("for \(Set(narrow).sorted().joined(separator: ", ")) with the ε of F32")
    }
    if turned > 0 { parts.append("\(turned) of them in x out, as their names tell") }
    return parts.joined(separator: ", ")
  }

  /// What a table can't say: what was left out and why, and what deserves a second look.
  public var remarks: [String] {
    failureRemarks + otherRemarks
  }

  /// What is wrong with tensors whose rank could not be taken, a line each.
  var failureRemarks: [String] {
    failures.compactMap { failure in
      if case .failed(let reason) = failure.outcome { "\(failure.name): \(reason)" } else { nil }
    }
  }

  /// What was left out and why, and what deserves a second look.
  var otherRemarks: [String] {
    var remarks = notes
    if isOfClasses {
      remarks.append(
        "a unit stands for a class of copies, since the run has exact ties; the whole network is model.safetensors of "
          + "the finished run, with --save-model")
    }
    let deficient = deficient(below: 1).map { tensor in
      tensor.findings.map { "\(tensor.name) (\($0.rank.rank) of \($0.spectrum.values.count))" }
        ?? tensor.name
    }
    if !deficient.isEmpty { remarks.append("below full rank: " + firstOf(deficient)) }
    for tensor in tensors {
      guard let findings = tensor.findings else { continue }
      let lost = findings.valuesLostToLength
      if !lost.isEmpty {
        remarks.append(
          "\(tensor.name): NumPy's tolerance grows with the length, \(max(findings.rows, findings.columns)), and leaves out "
            + "singular values far above rounding (\(short(findings.storageNoise))): \(lost.count) of "
            + "\(findings.spectrum.values.count), from \(short(lost.last)) on; --tol or --rtol sets another one"
        )
      }
      guard findings.countBelowNoise > 0 else { continue }
      remarks.append(
        "\(tensor.name): \(findings.countBelowNoise) of the \(findings.rank.rank) values that count are "
          + "below \(short(findings.storageNoise)), what rounding to \(tensor.type) alone may leave"
      )
    }
    let kernels = kernelsOfUnknownLayout
    if !kernels.isEmpty {
      remarks.append(
        "outputs are probably the last dimension of \(firstOf(kernels)), as Flax and Keras have kernels; "
          + "give --layout jax, or --layout torch if they are the first")
    }
    let others = leftOut
    for reason in Set(others.map(\.reason)).sorted() {
      let names = others.filter { $0.reason == reason }.map(\.name)
      remarks.append("left out, \(reason): " + firstOf(names))
    }
    return remarks
  }

  /// Kernels by Flax's names that were taken for PyTorch's because nobody has said what they are.
  private var kernelsOfUnknownLayout: [String] {
    guard settings.layouts.source == .assumed else { return [] }
    return tensors.filter { tensor in
      TensorName(tensor.tensorName).isKernel && dependsOnLayout(tensor)
        && settings.layouts.exceptions[tensor.tensorName] == nil
    }.map(\.name)
  }

  private var leftOut: [(name: String, reason: String)] {
    tensors.compactMap { tensor in
      if case .leftOut(let reason) = tensor.outcome { (tensor.name, reason) } else { nil }
    }
  }
}
