// The three products of one convolution, to compare programs.

import ArgumentParser
import Foundation
import ZerOLinearAlgebra
import ZerOParallelism

/// Measures the products of a convolution whose padding is half the size of its kernel, as in residual networks.
struct ConvolutionProducts: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolution",
    abstract:
      "Print the milliseconds of a convolution's forward pass, input gradient and weight gradient.")

  @Argument(help: "The number of channels of the input.")
  var inputs: Int

  @Argument(help: "The number of channels of the output.")
  var outputs: Int

  @Argument(help: "The height and width of the convolution kernel, an odd number.")
  var kernel: Int

  @Argument(help: "The stride.")
  var stride: Int

  @Argument(help: "The height and width of the image.")
  var size: Int

  @Argument(help: "The number of samples.")
  var samples: Int

  func validate() throws {
    guard min(inputs, outputs, kernel, stride, size, samples) > 0, kernel % 2 == 1 else {
      throw ValidationError("sizes must be positive, and that of the convolution kernel odd")
    }
  }

  func run() async throws {
    let shape = ConvolutionShape(
      inputs: inputs, outputs: outputs, kernel: kernel, stride: stride, padding: kernel / 2,
      height: size, width: size)
    let samples = samples
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let times = try await WorkerPool(threads: cores).run { team in
      func values(_ rows: Int, _ columns: Int) -> Matrix<Float> {
        Matrix(rows: rows, columns: columns) { i, j in Float((7 * i + 5 * j) % 11) - 5 }
      }
      let weight = values(shape.outputs, shape.groupInputs * shape.taps)
      let images = values(shape.inputs * size * size, samples)
      let pixels = shape.outputHeight * shape.outputWidth
      let gradient = values(shape.outputs * pixels, samples)
      var (output, input) = (gradient, images)
      let convolution = Convolution<Float>(shape)
      return [
        milliseconds {
          let kernel = ConvolutionKernel(weight, shape, isBackward: false, team)
          convolution.multiply(kernel, by: images, into: &output, team) { _ in }
        },
        milliseconds {
          let kernel = ConvolutionKernel(weight, shape, isBackward: true, team)
          convolution.multiplyTransposed(
            kernel, by: gradient, into: &input, adding: false, team
          ) { _ in }
        },
        milliseconds {
          _ = convolution.outerProduct(gradient, images, team)
        },
      ]
    }
    print(times.map { String(format: "%.4f", $0) }.joined(separator: " "))
  }
}

/// The median of five measurements, each of as many calls as take about a tenth of a second, after a warm-up.
private func milliseconds(_ product: () -> Void) -> Double {
  product()
  let calls = max(1, Int(0.1 / seconds(product)))
  return Sample(
    (0..<5).map { _ in 1e3 * seconds { for _ in 0..<calls { product() } } / Double(calls) }
  ).median
}
