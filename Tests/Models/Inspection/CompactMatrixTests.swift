import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism
import ZerOSpectra

@testable import ZerOCheckpoints
@testable import ZerOInspection

@Suite struct CompactMatrixTests {
  /// Zeros, subnormal and normal numbers of a type, as a tensor of 130 × 3 in memory.
  private func tensor(_ format: FloatFormat) throws -> StoredTensor {
    let smallest = Float(sign: .plus, exponent: max(format.smallestExponent, -120), significand: 1)
    let values = ContiguousArray(
      (0..<390).map { index -> Float in
        switch index % 6 {
        case 0: 0
        case 1: smallest / 2
        case 2: -smallest
        default: Float(index % 7) - 3
        }
      })
    var bytes: [UInt8] = []
    format.encode(values.span, appendingTo: &bytes)
    return StoredTensor(
      name: "w", type: format.rawValue, format: format, shape: [130, 3],
      source: BytesInMemory(bytes: bytes), range: 0..<bytes.count, path: "w")
  }

  private func inDouble(_ tensor: StoredTensor) throws -> Matrix<Double> {
    try tensor.matrix(rows: 130, columns: 3)
  }

  @Test(arguments: FloatFormat.allCases.filter { $0.rawValue != "F8_E8M0" })
  func `a type is kept exactly, with the statistics of double precision`(format: FloatFormat)
    throws
  {
    let tensor = try tensor(format)
    let expected = try inDouble(tensor)
    let compact = try CompactMatrix(tensor, rows: 130, columns: 3, team: .alone)
    if case .double = compact { #expect(format == .float64) } else { #expect(format != .float64) }
    #expect(compact.inDouble(team: .alone) == expected && compact.shape == (130, 3))
    let statistics = compact.statistics(smallestExponent: format.smallestExponent, .alone)
    #expect(
      statistics == expected.statistics(smallestExponent: format.smallestExponent, .alone))
    #expect(statistics.zeros > 0)
    // Negative control: half of the smallest normal number is subnormal in types that have it.
    if ["F16", "F8_E5M2"].contains(format.rawValue) { #expect(statistics.subnormals > 0) }
    if case .single(let values) = compact {
      func errors<Scalar>(_ matrix: Matrix<Scalar>) -> RoundingErrors {
        RoundingErrors(
          of: matrix, epsilon: format.epsilon, smallestExponent: format.smallestExponent,
          countsZeros: true)
      }
      #expect(errors(values) == errors(expected))
    }
  }

  @Test(arguments: [FloatFormat.float32, .float64], [FloatFormat.float32, .float64])
  func `sums, differences and similarities are those of double precision`(
    left: FloatFormat, right: FloatFormat
  ) throws {
    let (a, b) = (try tensor(left), try tensor(right))
    func compact(_ tensor: StoredTensor) throws -> CompactMatrix {
      try CompactMatrix(tensor, rows: 130, columns: 3, team: .alone)
    }
    var difference = try inDouble(a)
    difference.subtract(try inDouble(b))
    var sum = try inDouble(a)
    sum.add(try inDouble(b))
    #expect(try compact(a).minus(compact(b), team: .alone) == difference)
    #expect(try compact(a).minus(nil, team: .alone) == inDouble(a))
    #expect(try compact(a).plus(compact(b), team: .alone) == sum)
    #expect(
      try compact(a).cosineSimilarity(to: compact(b), team: .alone)
        == inDouble(a).cosineSimilarity(to: inDouble(b)))
  }

  @Test func `a long difference needs only bands in memory, with the same bits`() throws {
    func values<Scalar: MatrixScalar>(_ factor: Int, rows: Int = 130) -> Matrix<Scalar> {
      Matrix(rows: rows, columns: 3) { i, j in Scalar((i * factor + j * 31 + i * j) % 101) / 7 }
    }
    for own in [CompactMatrix.single(values(17)), .double(values(17))] {
      for other in [CompactMatrix.single(values(29)), .double(values(29)), nil] {
        let bands = try own.singularValuesByBlocks(minus: other, within: 1e-4, team: .alone)
        let whole = try own.minus(other, team: .alone).singularValuesByGram(within: 1e-4)
        #expect(bands != nil && bands == whole)
      }
    }
    // A matrix with less than 8 times as many rows as columns has no bands.
    let short = CompactMatrix.single(values(17, rows: 23))
    #expect(try short.singularValuesByBlocks(minus: nil, within: 1e-4, team: .alone) == nil)
    let overflowing = CompactMatrix.double(Matrix(repeating: 1e308, rows: 130, columns: 3))
    let negative = CompactMatrix.double(Matrix(repeating: -1e308, rows: 130, columns: 3))
    #expect(
      try overflowing.singularValuesByBlocks(minus: negative, within: 1e-4, team: .alone) == nil)
  }

  @Test func `equality is that of the values`() {
    let one = CompactMatrix.single(Matrix(repeating: 1, rows: 2, columns: 2))
    var changed = Matrix<Float>(repeating: 1, rows: 2, columns: 2)
    changed[1, 1] = 2
    #expect(one.equals(.single(Matrix(repeating: 1, rows: 2, columns: 2))))
    #expect(!one.equals(.single(changed)))
    let zeros = CompactMatrix.double(Matrix(repeating: 0, rows: 2, columns: 2))
    #expect(zeros.equals(.double(Matrix(repeating: -0.0, rows: 2, columns: 2))))
  }
}
