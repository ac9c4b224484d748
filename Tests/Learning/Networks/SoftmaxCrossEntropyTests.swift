import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerONetworks

@Suite struct SoftmaxCrossEntropyTests {
  private let doublePrecision = Tolerance(relative: 1e-14, because: "a few roundings in double")

  @Test func `the loss of equal logits is the logarithm of the number of classes`() {
    let loss = SoftmaxCrossEntropy.loss(
      of: Matrix<Float>(repeating: 3, rows: 10, columns: 4), labels: [0, 9, 5, 0])
    expectClose(loss.mean, 2.302585092994046, within: doublePrecision)
    #expect(loss.correct == 2, "the first of equal logits counts")
  }

  @Test func `large logits neither overflow nor underflow`() {
    let logits = Matrix<Double>(rows: 2, columns: 2, elements: [1e4, -1e4, -1e4, 1e4])
    let loss = SoftmaxCrossEntropy.loss(of: logits, labels: [0, 0])
    expectClose(loss.sum, 2e4, within: doublePrecision)
    #expect(loss.correct == 1)
  }

  @Test func `the gradient's columns sum to zero`() {
    let logits = Matrix<Double>(rows: 3, columns: 2, elements: [1, 5, -2, 0.5, 0, 3])
    var gradient = Matrix<Double>(repeating: .nan, rows: 3, columns: 2)
    let loss = SoftmaxCrossEntropy.loss(of: logits, labels: [2, 0], gradient: &gradient)
    #expect(loss == SoftmaxCrossEntropy.loss(of: logits, labels: [2, 0]))
    let rounding = Tolerance(absolute: 5e-16, because: "a few roundings of numbers near 1")
    expectClose(gradient.transposed.rowSums(), [0, 0], within: rounding)
  }

  @Test func `a NaN among the logits makes the loss a NaN`() {
    let logits = Matrix<Float>(rows: 3, columns: 1, elements: [0, .nan, 1])
    #expect(SoftmaxCrossEntropy.loss(of: logits, labels: [0]).mean.isNaN)
  }
}
