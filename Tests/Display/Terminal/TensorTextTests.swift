// Tensors in PyTorch's format; the expected texts were printed by PyTorch 2.13.

import Testing
import ZerOLinearAlgebra
import ZerOTerminal

@Suite struct TensorTextTests {
  private func wave(_ rows: Int, _ columns: Int, _ scale: Float) -> Matrix<Float> {
    Matrix(rows: rows, columns: columns) { i, j in
      scale * Float((37 * i + 11 * j) % 101 - 50) / 64
    }
  }

  @Test func `integers end in a point, and large matrices are summarized`() {
    #expect(
      Matrix<Float>.identity(rows: 64, columns: 50).tensorText == """
        tensor([[1., 0., 0.,  ..., 0., 0., 0.],
                [0., 1., 0.,  ..., 0., 0., 0.],
                [0., 0., 1.,  ..., 0., 0., 0.],
                ...,
                [0., 0., 0.,  ..., 0., 0., 0.],
                [0., 0., 0.,  ..., 0., 0., 0.],
                [0., 0., 0.,  ..., 0., 0., 0.]])
        """)
  }

  @Test func `fractions have four decimals and aligned signs`() {
    #expect(
      wave(40, 40, 1).tensorText == """
        tensor([[-0.7812, -0.6094, -0.4375,  ..., -0.7344, -0.5625, -0.3906],
                [-0.2031, -0.0312,  0.1406,  ..., -0.1562,  0.0156,  0.1875],
                [ 0.3750,  0.5469,  0.7188,  ...,  0.4219,  0.5938,  0.7656],
                ...,
                [ 0.0938,  0.2656,  0.4375,  ...,  0.1406,  0.3125,  0.4844],
                [ 0.6719, -0.7344, -0.5625,  ...,  0.7188, -0.6875, -0.5156],
                [-0.3281, -0.1562,  0.0156,  ..., -0.2812, -0.1094,  0.0625]])
        """)
  }

  @Test func `wide ranges have exponents, and long rows are wrapped`() {
    #expect(
      Matrix<Float>(rows: 2, columns: 8) { i, j in
        [1, -0.5, 0.25, 1e-5, 0, 3, 1.5, -2][j] * Float(i + 1)
      }.tensorText == """
        tensor([[ 1.0000e+00, -5.0000e-01,  2.5000e-01,  1.0000e-05,  0.0000e+00,
                  3.0000e+00,  1.5000e+00, -2.0000e+00],
                [ 2.0000e+00, -1.0000e+00,  5.0000e-01,  2.0000e-05,  0.0000e+00,
                  6.0000e+00,  3.0000e+00, -4.0000e+00]])
        """)
  }

  @Test func `a line holds 72 columns of numbers`() {
    let text = Matrix<Float>.identity(rows: 20, columns: 20).tensorText
    let first = text.split(separator: "\n")[0]
    #expect(first == "tensor([[" + "1., " + String(repeating: "0., ", count: 16) + "0.,")
  }

  @Test func `small, zero and infinite tensors`() {
    #expect(
      Matrix<Float>(repeating: 0, rows: 3, columns: 2).tensorText == """
        tensor([[0., 0.],
                [0., 0.],
                [0., 0.]])
        """)
    let odd = Matrix<Float>(rows: 1, columns: 2, elements: [.nan, 1.5])
    #expect(odd.tensorText == "tensor([[   nan, 1.5000]])")
    let infinite = Matrix<Float>(rows: 1, columns: 2, elements: [.infinity, 2])
    #expect(infinite.tensorText == "tensor([[inf, 2.]])")
  }
}
