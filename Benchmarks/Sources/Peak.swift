// The reference speed: one large square matrix product with BLAS, on one core and on all cores at once.

import COpenBLAS
import Foundation
import Synchronization
import ZerOLinearAlgebra
import ZerOParallelism

/// A product of two 2048 × 2048 matrices in single precision, computed by one call of BLAS.
struct ReferenceProduct {
  static let size = 2048
  private let left: Matrix<Float>
  private var result: ContiguousArray<Float>

  init() {
    left = Matrix(rows: Self.size, columns: Self.size) { i, j in
      Float((7 * i + 5 * j) % 11) / 11 - 0.4
    }
    result = ContiguousArray(repeating: 0, count: Self.size * Self.size)
    // One thread per call, as in the package's own products.
    openblas_set_num_threads(1)
  }

  /// Measures the speed once, in billions of floating-point operations per second.
  mutating func rate() -> Double {
    let n = blasint(Self.size)
    let time = seconds {
      unsafe left.elements.withUnsafeBufferPointer { a in
        unsafe result.withUnsafeMutableBufferPointer { c in
          unsafe cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.baseAddress, n, a.baseAddress,
            n,
            0, c.baseAddress, n)
        }
      }
    }
    return 2 * pow(Double(Self.size), 3) / time / 1e9
  }
}

/// Measures the peak of one core, and the sum over all cores when they multiply at the same time.
func peak(_ settings: Settings) async throws -> [Result] {
  var one: [Double] = []
  var all: [Double] = []
  for _ in 0..<settings.repetitions {
    var reference = ReferenceProduct()
    one.append(reference.rate())
    let rates = Mutex<[Double]>([])
    let ready = Atomic<Int>(0)
    try await WorkerPool(threads: settings.cores).run(
      (0..<settings.cores).map { _ in
        { _ in
          var reference = ReferenceProduct()
          // All threads start together; otherwise the first would have the machine to itself.
          ready.add(1, ordering: .sequentiallyConsistent)
          while ready.load(ordering: .sequentiallyConsistent) < settings.cores {}
          let rate = reference.rate()
          rates.withLock { $0.append(rate) }
        }
      })
    all.append(rates.withLock { $0.reduce(0, +) })
  }
  return [
    Result(name: "sgemm 2048³, one core", unit: "GFLOP/s", value: Sample(one)),
    Result(name: "sgemm 2048³, one per core", unit: "GFLOP/s", value: Sample(all)),
  ]
}
