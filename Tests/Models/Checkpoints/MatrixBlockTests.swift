// Blocks of rows and columns, read from their file, compared with the elements of the whole matrix.

import TestSupport
import Testing
import ZerOLinearAlgebra

@testable import ZerOCheckpoints

@Suite struct MatrixBlockTests {
  private func stored(_ rows: Int, _ columns: Int) throws -> StoredTensor {
    let tensor = NamedTensor(
      name: "w", shape: [rows, columns],
      values: ContiguousArray((0..<rows * columns).map { Float($0) }))
    return try SafetensorsFile(Safetensors.encode([tensor]), path: "m").tensors[0]
  }

  @Test(arguments: [
    // Runs that are longer than a piece of a read.
    (4, 40_000, MatrixBlock(name: "k", axis: 0, start: 1, length: 2)),
    (2, 90_000, MatrixBlock(name: "k", axis: 1, start: 7, length: 70_001)),
    // Short runs, near to each other and far from each other.
    (500, 300, MatrixBlock(name: "k", axis: 1, start: 100, length: 100)),
    (900, 200, MatrixBlock(name: "k", axis: 1, start: 3, length: 5)),
    (600, 70, MatrixBlock(name: "k", axis: 0, start: 2, length: 1, step: 6, count: 100)),
    (70, 600, MatrixBlock(name: "k", axis: 1, start: 40, length: 20, step: 60, count: 10)),
  ])
  func `a block has the elements of its rows or columns`(
    rows: Int, columns: Int, block: MatrixBlock
  ) throws {
    let part = try stored(rows, columns).part(.block(block))
    func isInside(_ index: Int) -> Bool {
      (0..<block.count).contains { run in
        (0..<block.length).contains(index - block.start - run * block.step)
      }
    }
    var expected: [Double] = []
    for i in 0..<rows where block.axis == 1 || isInside(i) {
      for j in 0..<columns where block.axis == 0 || isInside(j) {
        expected.append(Double(i * columns + j))
      }
    }
    #expect(part.count == expected.count)
    let matrix = try part.matrix(rows: part.shape[0], columns: part.shape[1], as: Double.self)
    #expect(matrix.elements.elementsEqual(expected))
    // From the middle of a run to the middle of another one.
    let range = 4..<part.byteCount - 4
    let middle = try part.source.bytes(range)
    #expect(try middle == Array(part.storedBytes()[range]))
  }
}
