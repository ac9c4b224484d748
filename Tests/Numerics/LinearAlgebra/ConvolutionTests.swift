// Convolutions by products of blocks, compared with sums over single elements.

import TestSupport
import Testing
import ZerOParallelism

@testable import ZerOLinearAlgebra

@Suite struct ConvolutionTests {
  /// Blocks of partial size, strides, padding, groups, kernels as large as the image, and more equal pixels than are summed at once.
  static let shapes = [
    ConvolutionShape(inputs: 1, outputs: 3, kernel: 3, padding: 1, height: 5, width: 4),
    ConvolutionShape(inputs: 3, outputs: 2, kernel: 3, stride: 2, padding: 1, height: 5, width: 6),
    ConvolutionShape(inputs: 20, outputs: 70, kernel: 3, padding: 1, height: 3, width: 4),
    ConvolutionShape(
      inputs: 70, outputs: 35, kernel: 3, stride: 2, padding: 1, height: 4, width: 4),
    ConvolutionShape(inputs: 150, outputs: 4, kernel: 1, stride: 2, height: 5, width: 5),
    ConvolutionShape(inputs: 2, outputs: 3, kernel: 5, padding: 2, height: 4, width: 3),
    ConvolutionShape(inputs: 2, outputs: 3, kernel: 3, height: 3, width: 3),
    ConvolutionShape(inputs: 6, outputs: 4, kernel: 3, padding: 1, groups: 2, height: 4, width: 5),
    ConvolutionShape(
      inputs: 5, outputs: 10, kernel: 3, stride: 2, padding: 1, groups: 5, height: 5, width: 4),
    ConvolutionShape(inputs: 2, outputs: 2, kernel: 2, stride: 3, padding: 1, height: 7, width: 5),
    ConvolutionShape(inputs: 2, outputs: 3, kernel: 3, padding: 1, height: 3, width: 12),
    ConvolutionShape(inputs: 3, outputs: 150, kernel: 1, height: 2, width: 2),
    ConvolutionShape(
      inputs: 80, outputs: 144, kernel: 3, padding: 1, groups: 2, height: 3, width: 4),
    ConvolutionShape(inputs: 3, outputs: 5, kernel: 7, stride: 2, padding: 3, height: 8, width: 9),
  ]

  private func matrix<Scalar>(_ rows: Int, _ columns: Int, _ seed: Int) -> Matrix<Scalar> {
    Matrix(rows: rows, columns: columns) { i, j in
      Scalar((i * 7919 + j * 104_729 + i * j * 31 + seed * 613) % 1009) / 1009 - 0.5
    }
  }

  /// y, ∂L/∂x and ∂L/∂W.
  private struct Results: Equatable {
    var output, inputGradient, weightGradient: Matrix<Double>
  }

  /// The definition, element by element.
  private func expected(
    _ shape: ConvolutionShape, _ w: Matrix<Double>, _ x: Matrix<Double>, _ d: Matrix<Double>
  ) -> Results {
    let samples = x.columns
    let (n, m) = (shape.groupInputs, shape.groupOutputs)
    var y = Matrix<Double>(repeating: 0, rows: d.rows, columns: samples)
    var dx = Matrix<Double>(repeating: 0, rows: x.rows, columns: samples)
    var dw = Matrix<Double>(repeating: 0, rows: w.rows, columns: w.columns)
    for pixel in 0..<shape.outputHeight * shape.outputWidth {
      for tap in 0..<shape.taps {
        let row =
          pixel / shape.outputWidth * shape.stride - shape.padding + tap / shape.kernel
        let column =
          pixel % shape.outputWidth * shape.stride - shape.padding + tap % shape.kernel
        guard (0..<shape.height).contains(row), (0..<shape.width).contains(column) else { continue }
        for output in 0..<shape.outputs {
          for input in 0..<n {
            let (above, place) = (pixel * shape.outputs + output, input * shape.taps + tap)
            let below = (row * shape.width + column) * shape.inputs + output / m * n + input
            for sample in 0..<samples {
              y[above, sample] += w[output, place] * x[below, sample]
              dx[below, sample] += w[output, place] * d[above, sample]
              dw[output, place] += d[above, sample] * x[below, sample]
            }
          }
        }
      }
    }
    return Results(output: y, inputGradient: dx, weightGradient: dw)
  }

  private func results<Scalar: MatrixScalar>(
    _ shape: ConvolutionShape, samples: Int, _ scalar: Scalar.Type, _ library: ProductLibrary,
    _ team: ThreadTeam = .alone, adding: Matrix<Scalar>? = nil
  ) -> Results {
    let w: Matrix<Scalar> = matrix(shape.outputs, shape.groupInputs * shape.taps, 1)
    let x: Matrix<Scalar> = matrix(shape.inputs * shape.height * shape.width, samples, 2)
    let pixels = shape.outputHeight * shape.outputWidth
    let d: Matrix<Scalar> = matrix(shape.outputs * pixels, samples, 3)
    let convolution = Convolution<Scalar>(shape, library: library)
    var y = Matrix<Scalar>(repeating: .nan, rows: d.rows, columns: samples)
    convolution.multiply(
      ConvolutionKernel(w, shape, isBackward: false, team), by: x, into: &y, team
    ) { block in block.applyReLU() }
    var dx = adding ?? Matrix<Scalar>(repeating: .nan, rows: x.rows, columns: samples)
    convolution.multiplyTransposed(
      ConvolutionKernel(w, shape, isBackward: true, team), by: d, into: &dx, adding: adding != nil,
      team
    ) { _ in }
    return Results(
      output: Matrix<Double>(y), inputGradient: Matrix<Double>(dx),
      weightGradient: Matrix<Double>(convolution.outerProduct(d, x, team)))
  }

  @Test(arguments: shapes)
  func `products are those of the definition`(shape: ConvolutionShape) {
    for samples in [1, 3, 16] {
      let w: Matrix<Double> = matrix(shape.outputs, shape.groupInputs * shape.taps, 1)
      let x: Matrix<Double> = matrix(shape.inputs * shape.height * shape.width, samples, 2)
      let d: Matrix<Double> = matrix(
        shape.outputs * shape.outputHeight * shape.outputWidth, samples, 3)
      var expected = expected(shape, w, x, d)
      expected.output.writeRows { $0.applyReLU() }
      let exact = Tolerance(absolute: 1e-11, because: "sums of a few hundred numbers below 1")
      let single = Tolerance(
        absolute: 5e-5, because: "sums of a few hundred numbers below 1 in single precision")
      for library in ProductLibrary.allCases {
        for (found, tolerance) in [
          (results(shape, samples: samples, Double.self, library), exact),
          (results(shape, samples: samples, Float.self, library), single),
        ] {
          expectClose(found.output.elements, expected.output.elements, within: tolerance, "y")
          expectClose(
            found.inputGradient.elements, expected.inputGradient.elements, within: tolerance, "dx")
          expectClose(
            found.weightGradient.elements, expected.weightGradient.elements, within: tolerance,
            "dW")
        }
        // Added to another gradient.
        let other: Matrix<Double> = matrix(x.rows, samples, 4)
        let sum = results(shape, samples: samples, Double.self, library, adding: other)
        expectClose(
          sum.inputGradient.elements,
          zip(expected.inputGradient.elements, other.elements).map { $0 + $1 }, within: exact)
      }
    }
  }

  @Test func `bits do not depend on the number of threads`() async throws {
    let pool = WorkerPool(threads: 3)
    for shape in Self.shapes {
      let alone = results(shape, samples: 24, Float.self, .current)
      let shared = try await pool.run { team in
        results(shape, samples: 24, Float.self, .current, team)
      }
      #expect(alone == shared)
    }
  }
}

@Suite struct ChannelNormalizationTests {
  private let x = Matrix<Double>(rows: 6, columns: 19) { i, j in
    Double((i * 7 + j * 5 + i * j) % 11) + 100
  }

  @Test func `statistics are those of the definition`() {
    // Three pixels of two channels.
    let (means, variances) = ChannelNormalization.statistics(of: x, channels: 2, .alone)
    for channel in 0..<2 {
      let values = [0, 1, 2].flatMap { pixel in (0..<19).map { x[pixel * 2 + channel, $0] } }
      let mean = values.reduce(0, +) / 57
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 57
      let tolerance = Tolerance(relative: 1e-13, because: "a few roundings")
      expectClose(means[channel], mean, within: tolerance)
      expectClose(variances[channel], variance, within: tolerance)
    }
    expectClose(
      x.channelSums(channels: 2, .alone),
      (0..<2).map { channel in
        [0, 1, 2].reduce(0) { $0 + x.rowSums()[$1 * 2 + channel] }
      }, within: Tolerance(relative: 1e-13, because: "a few roundings"))
  }
}
