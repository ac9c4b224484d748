// The loss: log-softmax and negative log-likelihood, as the notebook composes them.

public import LinearAlgebra

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The loss of one batch.
public struct BatchLoss: Equatable, Sendable {
  /// Σ over the samples of −log p(label).
  public let sum: Double

  /// How many samples had the largest logit at their label; the first of equal logits counts.
  public let correct: Int

  /// s, the number of samples.
  public let count: Int

  /// Makes a loss from its parts.
  ///
  /// - Parameters:
  ///   - sum: Σ −log p(label).
  ///   - correct: The number of right answers.
  ///   - count: The number of samples, at least 1.
  public init(sum: Double, correct: Int, count: Int) {
    self.sum = sum
    self.correct = correct
    self.count = count
  }

  /// The mean over the samples, what is minimised.
  public var mean: Double { sum / Double(count) }
}

/// The cross-entropy between labels and the softmax of logits.
///
/// For logits z of one sample and its label y
///
/// ```
/// L = −log p_y,   p_c = exp(z_c − M) / Σ exp(z_k − M),   M = max z
/// ```
///
/// Everything inside is computed in double precision, whatever the precision of the logits: there
/// are only classes × samples of them.
public enum SoftmaxCrossEntropy {
  /// The loss of a batch.
  ///
  /// - Parameters:
  ///   - logits: z, classes × s.
  ///   - labels: y, s values below the number of classes.
  /// - Returns: The summed loss and the count of right answers.
  /// - Complexity: O(classes · s).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func loss<Scalar>(
    of logits: Matrix<Scalar>, labels: ContiguousArray<UInt8>
  ) -> BatchLoss {
    var sum = 0.0
    var correct = 0
    for sample in 0..<labels.count {
      let (label, normaliser) = (Int(labels[sample]), Normaliser(logits, sample))
      sum += normaliser.logPartition - Double(logits[label, sample])
      if normaliser.argmax == label { correct += 1 }
    }
    return BatchLoss(sum: sum, correct: correct, count: labels.count)
  }

  /// The loss of a batch, and the gradient of its mean with respect to the logits, (p − e_y) / s.
  ///
  /// - Parameters:
  ///   - logits: z, classes × s.
  ///   - labels: y, s values below the number of classes.
  ///   - gradient: classes × s, overwritten.
  /// - Returns: The summed loss and the count of right answers, as `loss(of:labels:)` has them.
  /// - Complexity: O(classes · s).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public static func loss<Scalar>(
    of logits: Matrix<Scalar>, labels: ContiguousArray<UInt8>,
    gradient: inout Matrix<Scalar>
  ) -> BatchLoss {
    precondition(
      gradient.rows == logits.rows && gradient.columns == logits.columns,
      "a gradient of \(gradient.rows) × \(gradient.columns) for logits of \(logits.rows) × "
        + "\(logits.columns)")
    var sum = 0.0
    var correct = 0
    for sample in 0..<labels.count {
      let (label, normaliser) = (Int(labels[sample]), Normaliser(logits, sample))
      sum += normaliser.logPartition - Double(logits[label, sample])
      if normaliser.argmax == label { correct += 1 }
      for row in 0..<logits.rows {
        let probability = exp(Double(logits[row, sample]) - normaliser.logPartition)
        gradient[row, sample] = Scalar(
          (probability - (row == label ? 1 : 0)) / Double(labels.count))
      }
    }
    return BatchLoss(sum: sum, correct: correct, count: labels.count)
  }

  /// What both functions need of one sample's logits.
  private struct Normaliser {
    /// The class of the largest logit, the first of equal ones.
    let argmax: Int

    /// log Σ exp(z_k).
    let logPartition: Double

    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    init<Scalar>(_ logits: Matrix<Scalar>, _ sample: Int) {
      var argmax = 0
      for row in 1..<max(1, logits.rows) where logits[row, sample] > logits[argmax, sample] {
        argmax = row
      }
      let largest = Double(logits[argmax, sample])
      var sum = 0.0
      for row in 0..<logits.rows { sum += exp(Double(logits[row, sample]) - largest) }
      self.argmax = argmax
      logPartition = largest + log(sum)
    }
  }
}
