// The positions of outputs and inputs among the dimensions of a weight.

import Testing
import ZerOInitializers
import ZerORandomness

@Suite struct TensorLayoutTests {
  @Test(arguments: [
    ("mlx", TensorLayout.mlx), ("MLX", .mlx), ("flax", .jax), ("tf", .jax), ("pt", nil), ("", nil),
  ])
  func `metadata determine the layout of a file, except PyTorch's`(
    format: String, layout: TensorLayout?
  ) {
    #expect(TensorLayout(metadata: ["format": format]) == layout)
    #expect(TensorLayout(metadata: [:]) == nil)
  }

  @Test func `a bias as long as the second dimension indicates a transposed convolution`() {
    #expect(TensorLayout.isTransposedConvolution([8, 4, 2, 2], biasCount: 4))
    #expect(!TensorLayout.isTransposedConvolution([8, 4, 2, 2], biasCount: 8))
    #expect(!TensorLayout.isTransposedConvolution([4, 4, 2, 2], biasCount: 4))
    #expect(!TensorLayout.isTransposedConvolution([8, 4], biasCount: 4))
  }

  @Test func `an orthogonal weight too large for LAPACK is rejected before it is computed`() {
    let shape = WeightShape(outputs: 1 << 31, inputs: 1)
    #expect(throws: InitializationError.tooLong(shape)) { try Orthogonal().check(shape) }
  }

  @Test func `the name and bias of a kernel determine its layout`() {
    let shape = [3, 3, 4, 2]
    func layout(_ file: TensorLayout, _ isDepthwise: Bool, _ biasCount: Int?) -> TensorLayout {
      file.ofKernel(shape, isDepthwise: isDepthwise, biasCount: biasCount)
    }
    #expect(layout(.jax, true, 8) == .depthwise && layout(.jax, false, 3) == .jax)
    #expect(layout(.torch, true, nil) == .torch && layout(.mlx, true, 3) == .mlx)
    let torch = TensorLayout.torch
    #expect(torch.ofKernel([8, 4, 2, 2], isDepthwise: false, biasCount: 4) == .transposed)
    #expect(torch.ofKernel([8, 4, 2, 2], isDepthwise: false, biasCount: 8) == .torch)
    #expect(TensorLayout.jax.ofKernel([3, 4], isDepthwise: true, biasCount: nil) == .jax)
    #expect(TensorLayout.depthwise.torchShape(of: shape) == [8, 1, 3, 3])
    #expect(TensorLayout.depthwise.matrix(of: shape).map { [$0.rows, $0.columns] } == [9, 8])
    // From out × 1 × k, here 2 × 1 × 3, to k × out.
    #expect(
      TensorLayout.depthwise.stored([0, 1, 2, 10, 11, 12], torchShape: [2, 1, 3])
        == [0, 10, 1, 11, 2, 12])
  }

  @Test func `a transposed convolution is stored with inputs first`() throws {
    #expect(TensorLayout.transposed.torchShape(of: [8, 4, 3, 2]) == [4, 8, 3, 2])
    #expect(TensorLayout.transposed.matrix(of: [8, 4, 3, 2])?.columns == 24)
    // From out × in × k, here 2 × 3 × 2; the digits of a value are its indices.
    let torch: ContiguousArray<Float> = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]
    #expect(
      TensorLayout.transposed.stored(torch, torchShape: [2, 3, 2])
        == [0, 1, 100, 101, 10, 11, 110, 111, 20, 21, 120, 121])
  }
}
