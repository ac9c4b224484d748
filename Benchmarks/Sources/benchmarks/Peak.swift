// The yardstick: what BLAS does with one large square product, on one core and on each core at once.

import CBLAS
import Foundation
import LinearAlgebra
import Parallelism
import Synchronization

/// A product of two 2048 × 2048 matrices in single precision by one call of BLAS.
struct Yardstick {
  static let extent = 2048
  private let left: Matrix<Float>
  private var result: ContiguousArray<Float>

  init() {
    left = Matrix(rows: Self.extent, columns: Self.extent) { i, j in
      Float((7 * i + 5 * j) % 11) / 11 - 0.4
    }
    result = ContiguousArray(repeating: 0, count: Self.extent * Self.extent)
    // The package's own products set one thread a call; so does this one.
    openblas_set_num_threads(1)
  }

  /// Billions of floating-point operations a second, once.
  mutating func rate() -> Double {
    let n = blasint(Self.extent)
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
    return 2 * pow(Double(Self.extent), 3) / time / 1e9
  }
}

/// The peak of one core, and the sum over all cores that multiply at once.
func peak(_ settings: Settings) async throws -> [Result] {
  var one: [Double] = []
  var all: [Double] = []
  for _ in 0..<settings.repetitions {
    var yardstick = Yardstick()
    one.append(yardstick.rate())
    let rates = Mutex<[Double]>([])
    let ready = Atomic<Int>(0)
    try await WorkerPool(threads: settings.cores).run(
      (0..<settings.cores).map { _ in
        { _ in
          var yardstick = Yardstick()
          // All at once, or the first would have the machine to itself.
          ready.add(1, ordering: .sequentiallyConsistent)
          while ready.load(ordering: .sequentiallyConsistent) < settings.cores {}
          let rate = yardstick.rate()
          rates.withLock { $0.append(rate) }
        }
      })
    all.append(rates.withLock { $0.reduce(0, +) })
  }
  return [
    Result(name: "sgemm 2048³, one core", unit: "GFLOP/s", value: Sample(one)),
    Result(name: "sgemm 2048³, one on each core", unit: "GFLOP/s", value: Sample(all)),
  ]
}
