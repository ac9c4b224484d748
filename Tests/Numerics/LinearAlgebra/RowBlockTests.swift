// Results are bit-identical for any number of threads.

import Synchronization
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct RowBlockTests {
  private func pattern(_ rows: Int, _ columns: Int, _ phase: Int) -> Matrix<Float> {
    Matrix(rows: rows, columns: columns) { i, j in
      Float((37 * i + 101 * j + phase) % 257) / 257 - 0.4
    }
  }

  @Test func `blocks cover every row once, and their number depends on the rows only`() {
    for rows in [0, 1, 127, 128, 129, 784, 1024, 1025, 2048] {
      var matrix = Matrix<Float>(repeating: 0, rows: rows, columns: 3)
      let blocks = Mutex(0)
      matrix.writeRows { block in
        blocks.withLock { $0 += 1 }
        block.addToEachColumn(ContiguousArray(repeating: 1, count: rows))
      }
      #expect(matrix == Matrix(repeating: 1, rows: rows, columns: 3))
      #expect(rows == 0 || blocks.withLock { $0 } == Matrix<Float>.blockCount(rows: rows))
    }
    #expect([127, 128, 1024, 1025].map { Matrix<Float>.blockCount(rows: $0) } == [1, 2, 2, 3])
  }

  @Test(arguments: [2, 3, 4])
  func `products, ReLU and conversions are bit-identical for any team`(threads: Int)
    async throws
  {
    let (weight, inputs, delta) = (pattern(300, 200, 1), pattern(200, 64, 2), pattern(300, 64, 3))
    let bias = ContiguousArray((0..<300).map { Float($0 % 7) / 7 - 0.5 })
    @Sendable func everything(_ team: ThreadTeam) -> [Matrix<Double>] {
      var forward = Matrix<Float>(repeating: 0, rows: 300, columns: 64)
      forward.writeRows(team) { block in
        block.multiply(weight, by: inputs)
        block.addToEachColumn(bias)
        block.applyReLU()
      }
      var updated = weight
      var parts = Matrix<Float>(repeating: 0, rows: 2 * 200, columns: 64)
      updated.writeRows(with: &parts, team) { block, part in
        part.multiply(transposing: block, by: delta)
        block.multiply(delta, by: inputs, transposingRight: true, alpha: -0.1, beta: 1)
      }
      var backward = Matrix<Float>(repeating: 0, rows: 200, columns: 64)
      backward.writeRows(team) { [parts] block in
        block.addUp(parts)
        block.maskGradient(ofReLU: inputs)
      }
      var difference = Matrix<Double>(updated, team: team)
      difference.subtract(weight, team: team)
      return [Matrix(forward), Matrix(backward), difference, difference.transposed(team)]
    }
    let shared = try await WorkerPool(threads: threads).run { everything($0) }
    #expect(shared == everything(.alone))
  }

  @Test func `an error in one block prevents the matrix`() throws {
    struct Refused: Error, Equatable { let first: Int }
    func matrix(refusing first: Int?) throws(Refused) -> Matrix<Double> {
      try Matrix(rows: 200, columns: 3, isOneBlock: false, team: .alone) {
        (block) throws(Refused) in
        if block.rows.lowerBound == first { throw Refused(first: block.rows.lowerBound) }
        block.withMutableElements { elements in
          for index in elements.indices { elements[index] = 1 }
        }
      }
    }
    #expect(try matrix(refusing: nil) == Matrix(repeating: 1, rows: 200, columns: 3))
    #expect(throws: Refused(first: 0)) { try matrix(refusing: 0) }
    #expect(throws: Refused(first: 100)) { try matrix(refusing: 100) }
  }
}
