// Products with a weight in tiles, compared with sums of products element by element.

import TestSupport
import Testing
import ZerOParallelism

@testable import ZerOLinearAlgebra

extension TiledProducts {
  /// W ← W + α·δ·xᵀ, and the summands of Wᵀ·δ before.
  fileprivate func descend(
    _ weight: inout TiledMatrix<Scalar>, gradient: Matrix<Scalar>, inputs: Matrix<Scalar>,
    alpha: Scalar, scratch: inout Matrix<Scalar>, sums: inout ContiguousArray<Scalar>,
    parts: inout Matrix<Scalar>, _ team: ThreadTeam
  ) {
    var states: ContiguousArray<Scalar> = []
    unsafe update(
      &weight, states: &states, gradient: gradient, factor: gradient, inputs: inputs, alpha: alpha,
      scratch: &scratch, sums: &sums, parts: &parts, team
    ) { elements in
      unsafe Scalar.add(elements.gradients, to: elements.parameters, count: elements.count)
    }
  }
}

@Suite(.enabled(if: ProductLibrary.instructionSet != nil, "libxsmm makes no code here"))
struct TiledProductsTests {
  private func matrix<Scalar>(_ rows: Int, _ columns: Int, _ seed: Int) -> Matrix<Scalar> {
    Matrix(rows: rows, columns: columns) { i, j in
      Scalar((i * 7919 + j * 104_729 + i * j * 31 + seed * 613) % 1009) / 1009 - 0.5
    }
  }

  /// Tiles of full and of partial height and width, one and several blocks.
  private static let shapes = [
    (1, 1), (10, 300), (64, 64), (65, 33), (130, 95), (200, 12), (784, 130),
  ]

  @Test(arguments: shapes)
  func `a matrix comes back from its tiles`(rows: Int, columns: Int) {
    let matrix: Matrix<Float> = matrix(rows, columns, 1)
    let tiled = TiledMatrix(matrix)
    #expect(tiled.matrix() == matrix)
    #expect(tiled.elements.count == rows * columns)
    // Every place of the tiles is used once.
    let order = Matrix<Double>(rows: rows, columns: columns) { i, j in Double(i * columns + j) }
    #expect(Set(TiledMatrix(order).elements).count == rows * columns)
  }

  /// α·Σδ, z = W·x, the sum of the parts Wᵀ·δ, and W + α·δ·xᵀ.
  private struct Results: Equatable {
    var sums: Matrix<Double>
    var outputs: Matrix<Double>
    var gradient: Matrix<Double>
    var weight: Matrix<Double>
  }

  private func results<Scalar: MatrixScalar>(
    _ rows: Int, _ columns: Int, samples: Int, _ scalar: Scalar.Type, team: ThreadTeam
  ) throws -> Results {
    let (w, x, d): (Matrix<Scalar>, Matrix<Scalar>, Matrix<Scalar>) = (
      matrix(rows, columns, 1), matrix(columns, samples, 2), matrix(rows, samples, 3)
    )
    let products = try #require(
      TiledProducts<Scalar>(rows: rows, columns: columns, samples: samples))
    var tiled = TiledMatrix(w, team: team)
    var outputs = Matrix<Scalar>(repeating: .nan, rows: rows, columns: samples)
    products.multiply(tiled, by: x, into: &outputs, team) { block in
      block.withMutableElements { elements in
        for index in elements.indices { elements[index] *= 2 }
      }
    }
    var scratch = Matrix<Scalar>(repeating: .nan, rows: rows, columns: samples)
    var sums = ContiguousArray<Scalar>(repeating: .nan, count: rows)
    let blocks = Matrix<Scalar>.blockCount(rows: rows)
    var parts = Matrix<Scalar>(repeating: .nan, rows: blocks * columns, columns: samples)
    products.descend(
      &tiled, gradient: d, inputs: x, alpha: -0.25, scratch: &scratch, sums: &sums, parts: &parts,
      team)
    var gradient = Matrix<Scalar>(repeating: 0, rows: columns, columns: samples)
    let summands = parts
    gradient.writeRows { $0.addUp(summands) }
    // Without parts, the weight is the same.
    var alone = TiledMatrix(w)
    var none = Matrix<Scalar>(repeating: 0, rows: 0, columns: samples)
    products.descend(
      &alone, gradient: d, inputs: x, alpha: -0.25, scratch: &scratch, sums: &sums, parts: &none,
      team)
    #expect(alone.elements == tiled.elements)
    return Results(
      sums: Matrix(Matrix(rows: rows, columns: 1, elements: sums)),
      outputs: Matrix(outputs), gradient: Matrix(gradient), weight: Matrix(tiled.matrix()))
  }

  /// The same, element by element in double precision.
  private func expected<Scalar: MatrixScalar>(
    _ rows: Int, _ columns: Int, samples: Int, _ scalar: Scalar.Type
  ) -> Results {
    let w = Matrix<Double>(matrix(rows, columns, 1) as Matrix<Scalar>)
    let x = Matrix<Double>(matrix(columns, samples, 2) as Matrix<Scalar>)
    let d = Matrix<Double>(matrix(rows, samples, 3) as Matrix<Scalar>)
    return Results(
      sums: Matrix(rows: rows, columns: 1) { i, _ in
        (0..<samples).reduce(0) { $0 - 0.25 * d[i, $1] }
      },
      outputs: Matrix(rows: rows, columns: samples) { i, s in
        (0..<columns).reduce(0) { $0 + 2 * w[i, $1] * x[$1, s] }
      },
      gradient: Matrix(rows: columns, columns: samples) { j, s in
        (0..<rows).reduce(0) { $0 + w[$1, j] * d[$1, s] }
      },
      weight: Matrix(rows: rows, columns: columns) { i, j in
        w[i, j] - 0.25 * (0..<samples).reduce(0) { $0 + d[i, $1] * x[j, $1] }
      })
  }

  @Test(arguments: shapes, [1, 7, 64, 200])
  func `products are sums of products`(shape: (Int, Int), samples: Int) throws {
    func check<Scalar: MatrixScalar>(_ scalar: Scalar.Type, _ tolerance: Tolerance) throws {
      let (rows, columns) = shape
      let found = try results(rows, columns, samples: samples, scalar, team: .alone)
      let right = expected(rows, columns, samples: samples, scalar)
      for part in [\Results.sums, \.outputs, \.gradient, \.weight] {
        expectClose(found[keyPath: part].elements, right[keyPath: part].elements, within: tolerance)
      }
    }
    try check(
      Float.self, Tolerance(relative: 1e-4, absolute: 1e-5, because: "sums of 784 products"))
    try check(
      Double.self, Tolerance(relative: 1e-12, absolute: 1e-13, because: "sums of 784 products"))
  }

  @Test func `a change is rounded to its weight once, not once per sample`() throws {
    // The change of each element is 64·1e-6, and an ulp of a weight of 1 is 1.2e-7: 64 roundings lose up to 64 · 6e-8.
    let products = try #require(TiledProducts<Float>(rows: 70, columns: 70, samples: 64))
    var weight = TiledMatrix(Matrix<Float>(repeating: 1, rows: 70, columns: 70))
    let (gradient, inputs) = (
      Matrix<Float>(repeating: 1e-3, rows: 70, columns: 64),
      Matrix<Float>(repeating: 1e-3, rows: 70, columns: 64)
    )
    var (scratch, sums) = (gradient, ContiguousArray<Float>(repeating: 0, count: 70))
    var none = Matrix<Float>(repeating: 0, rows: 0, columns: 64)
    products.descend(
      &weight, gradient: gradient, inputs: inputs, alpha: 1, scratch: &scratch, sums: &sums,
      parts: &none, .alone)
    expectClose(
      weight.matrix().elements.map(Double.init), [Double](repeating: 1 + 64e-6, count: 70 * 70),
      within: Tolerance(absolute: 6.5e-8, because: "half an ulp, and the roundings of the sum"))
  }

  @Test func `bits do not depend on the number of threads`() async throws {
    let alone = try results(1100, 130, samples: 33, Float.self, team: .alone)
    for threads in [2, 3] {
      let together = try await WorkerPool(threads: threads).run { team in
        try results(1100, 130, samples: 33, Float.self, team: team)
      }
      #expect(together == alone)
    }
  }

  @Test func `a batch above the limit has no code`() {
    let largest = TiledProducts<Float>.largestBatch
    #expect(TiledProducts<Float>(rows: 64, columns: 64, samples: largest) != nil)
    #expect(TiledProducts<Float>(rows: 64, columns: 64, samples: largest + 1) == nil)
  }
}
