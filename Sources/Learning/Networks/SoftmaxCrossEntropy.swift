// The loss: negative log-likelihood of the log-softmax, as in the reference notebook.

public import ZerOLinearAlgebra
import ZerORequirements

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The loss of one batch.
public struct BatchLoss: Equatable, Sendable {
  /// Σ −log p(label) over the samples.
  public let sum: Double

  /// The number of samples whose largest logit is at their label; of equal logits the first counts.
  public let correct: Int

  /// s, the number of samples.
  public let count: Int

  /// Makes a loss from its parts.
  ///
  /// - Parameters:
  ///   - sum: Σ −log p(label).
  ///   - correct: The number of correctly classified samples.
  ///   - count: The number of samples, at least 1.
  public init(sum: Double, correct: Int, count: Int) {
    self.sum = sum
    self.correct = correct
    self.count = count
  }

  /// The mean over the samples, which training minimizes.
  public var mean: Double { sum / Double(count) }
}

/// The cross-entropy between labels and the softmax of logits.
///
/// For the logits z of one sample and its label y
///
/// ```
/// L = −log p_y,   p_c = exp(z_c − M) / Σ exp(z_k − M),   M = max z
/// ```
///
/// All intermediate values are in double precision, whatever the type of the logits. There are only
/// classes × samples of them.
public enum SoftmaxCrossEntropy {
  /// Computes the loss of a batch.
  ///
  /// - Parameters:
  ///   - logits: z, classes × s.
  ///   - labels: y, s values below the number of classes.
  /// - Returns: The summed loss and the number of correctly classified samples.
  /// - Complexity: O(classes · s).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func loss<Scalar>(
    of logits: Matrix<Scalar>, labels: ContiguousArray<UInt8>
  ) -> BatchLoss {
    BatchLoss(Normalizers(logits), logits, labels)
  }

  /// The class of the largest logit of each sample; of equal logits the first counts.
  ///
  /// - Parameter logits: z, classes × s, at most 256 classes.
  /// - Returns: One class per sample.
  /// - Complexity: O(classes · s).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func predictions<Scalar>(of logits: Matrix<Scalar>) -> ContiguousArray<UInt8> {
    ContiguousArray(Normalizers(logits).argmax.map { UInt8(clamping: $0) })
  }

  /// Computes the loss of a batch and the gradient of its mean in the logits, (p − t) / s.
  ///
  /// With label smoothing ε, the target t is 1 − ε + ε/K for the label and ε/K for each of the other K classes, and the loss is
  /// Σ −t_c · log p_c, as in PyTorch's `CrossEntropyLoss`. Without it, t is 1 for the label and 0 otherwise.
  ///
  /// Source: C. Szegedy et al., "Rethinking the inception architecture for computer vision" (2016), section 7.
  ///
  /// - Parameters:
  ///   - logits: z, classes × s.
  ///   - labels: y, s values below the number of classes.
  ///   - smoothing: ε, 0 to 1.
  ///   - gradient: classes × s, overwritten.
  /// - Returns: Without smoothing, the same result as `loss(of:labels:)`.
  /// - Complexity: O(classes · s).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func loss<Scalar>(
    of logits: Matrix<Scalar>, labels: ContiguousArray<UInt8>, smoothing: Double = 0,
    gradient: inout Matrix<Scalar>
  ) -> BatchLoss {
    require(
      gradient.rows == logits.rows && gradient.columns == logits.columns,
      "a gradient of \(gradient.rows) × \(gradient.columns) for logits of \(logits.rows) × "
        + "\(logits.columns)")
    require(
      labels.count == logits.columns, "\(labels.count) labels for \(logits.columns) samples")
    let normalizers = Normalizers(logits)
    let count = Double(labels.count)
    let (label, other) = (
      1 - smoothing + smoothing / Double(logits.rows), smoothing / Double(logits.rows)
    )
    gradient.writeRows { block in
      block.withMutableElements { gradient in
        let z = logits.elements.span
        var position = 0
        for row in block.rows {
          for sample in 0..<labels.count {
            let probability = exp(Double(z[position]) - normalizers.logPartition[sample])
            let target = row == Int(labels[sample]) ? label : other
            gradient[position] = Scalar((probability - target) / count)
            position += 1
          }
        }
      }
    }
    let loss = BatchLoss(normalizers, logits, labels)
    guard smoothing > 0 else { return loss }
    // Σ −log p_c over all classes and samples.
    var whole = 0.0
    for row in 0..<logits.rows {
      for sample in 0..<labels.count {
        whole += normalizers.logPartition[sample] - Double(logits[row, sample])
      }
    }
    return BatchLoss(
      sum: (1 - smoothing) * loss.sum + other * whole, correct: loss.correct, count: loss.count)
  }
}

/// The values per sample that both the loss and its gradient need.
private struct Normalizers: Sendable {
  /// The class of the largest logit; of equal logits the first.
  private(set) var argmax: ContiguousArray<Int>

  /// log Σ exp(z_k).
  private(set) var logPartition: ContiguousArray<Double>

  /// Reads the logits row by row, in storage order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar>(_ logits: Matrix<Scalar>) {
    let samples = logits.columns
    let z = logits.elements.span
    argmax = ContiguousArray(repeating: 0, count: samples)
    logPartition = ContiguousArray(repeating: 0, count: samples)
    var largest = ContiguousArray(logits.elements.prefix(samples))
    for row in 1..<Swift.max(1, logits.rows) {
      for sample in 0..<samples where z[row * samples + sample] > largest[sample] {
        largest[sample] = z[row * samples + sample]
        argmax[sample] = row
      }
    }
    for row in 0..<logits.rows {
      for sample in 0..<samples {
        logPartition[sample] += exp(Double(z[row * samples + sample]) - Double(largest[sample]))
      }
    }
    for sample in 0..<samples {
      logPartition[sample] = Double(largest[sample]) + log(logPartition[sample])
    }
  }
}

extension BatchLoss {
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  fileprivate init<Scalar>(
    _ normalizers: Normalizers, _ logits: Matrix<Scalar>, _ labels: ContiguousArray<UInt8>
  ) {
    var sum = 0.0
    var correct = 0
    for sample in 0..<labels.count {
      let label = Int(labels[sample])
      sum += normalizers.logPartition[sample] - Double(logits[label, sample])
      if normalizers.argmax[sample] == label { correct += 1 }
    }
    self.init(sum: sum, correct: correct, count: labels.count)
  }
}
