// Singular values by way of AᵀA: its eigenvalues are their squares, and cost half as much where A is square and far
// less where it is long. Squaring loses small values, so the answer comes with a bound, and without an answer where
// the bound is too wide; `singularValues()` is the way that always works.

internal import COpenBLAS
public import Parallelism

extension Matrix<Double> {
  /// The singular values, where the eigenvalues of AᵀA give them well enough.
  ///
  /// ```
  /// σᵢ = √λᵢ(AᵀA),   |λ̂ᵢ − λᵢ| ≤ δ = c(k)·u·‖A‖²_F + 4·c(n)·u·‖AᵀA‖_F
  /// ```
  ///
  /// with u = ε/2, n the shorter extent, k the longer one, and c(j) = min(j, 8·√j) what rounding errors of
  /// mean zero add up to, exceeded with a probability of 3e-14 (as in `countOfSingularValues(above:team:)`): once
  /// for the product, and for the reduction to tridiagonal form and its iteration, whose backward error is a
  /// small multiple of n·u·‖AᵀA‖_F. The relative error of σₙ is then about δ/(2·λₙ), and of larger values less.
  ///
  /// - Parameters:
  ///   - relativeError: What may be lost of the smallest value, above 0.
  ///   - team: Shares the product.
  /// - Returns: σ₁ ≥ … ≥ σₙ, or `nil` where the smallest one could be off by more, as always for a matrix
  ///   without full rank.
  /// - Throws: `FactorizationError` for elements that are not finite, or without convergence.
  /// - Complexity: k·n² + 4/3·n³ floating-point operations; beside A a matrix of n × n, and for a moment some more
  ///   where A has many more rows than columns, altogether less than half of A.
  ///
  /// Reference: G. H. Golub and C. F. Van Loan, "Matrix Computations", 4th edition (2013), sections 8.3.1 and
  /// 8.6.3; N. J. Higham and T. Mary, "A new approach to probabilistic rounding error analysis", SIAM Journal
  /// on Scientific Computing 41 (2019).
  public func singularValuesByGram(within relativeError: Double, team: ThreadTeam = .alone)
    throws(FactorizationError) -> [Double]?
  {
    precondition(relativeError > 0, "singular values within \(relativeError)")
    let (shorter, longer) = (Swift.min(rows, columns), Swift.max(rows, columns))
    guard shorter > 0 else { return [] }
    try checkLength()
    var gram = rows > columns ? columnGram(team) : self.gram(team)
    let squares = (0..<shorter).reduce(0) { $0 + gram[$1, $1] }
    // What is not finite makes the sum so; a sum may also be too large of numbers that are.
    guard squares.isFinite || isFinite else { throw .notFinite }
    guard squares.isFinite else { return nil }
    let values = try gram.consumeIntoEigenvalues()
    let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let bound =
      (Self.roundings(longer) * squares + 4 * Self.roundings(shorter) * norm) * Double.ulpOfOne / 2
    guard bound >= .leastNormalMagnitude else { return nil }
    // In ascending order.
    guard values[0] > bound, bound / (2 * (values[0] - bound)) <= relativeError else { return nil }
    return values.reversed().map { $0.squareRoot() }
  }

  /// What the rounding errors of a sum of so many terms come to, in units of u.
  private static func roundings(_ terms: Int) -> Double {
    Swift.min(Double(terms), 8 * Double(terms).squareRoot())
  }

  /// The eigenvalues of a symmetric matrix, in ascending order; only its upper triangle is read, and it is lost.
  private mutating func consumeIntoEigenvalues() throws(FactorizationError) -> [Double] {
    BLAS.useOneThread()
    var values = [Double](repeating: 0, count: rows)
    var workspace = [0.0]
    var (n, info, length) = (Int32(rows), Int32(0), Int32(-1))
    // The upper triangle by rows is the lower triangle by columns.
    var (job, triangle) = (CChar(UInt8(ascii: "N")), CChar(UInt8(ascii: "L")))
    for _ in 0..<2 {
      unsafe elements.withUnsafeMutableBufferPointer { a in
        unsafe dsyev_(
          &job, &triangle, &n, a.baseAddress, &n, &values, &workspace, &length, &info, 1, 1)
      }
      precondition(info >= 0, "dsyev refused its argument \(-info)")
      guard info == 0 else { throw .noConvergence(failed: Int(info)) }
      guard length == -1 else { break }
      length = Int32(workspace[0])
      workspace = [Double](repeating: 0, count: Int(length))
    }
    return values
  }
}
