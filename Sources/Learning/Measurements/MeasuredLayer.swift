// The input of a measurement: a layer in its current state and before training. Ranks are cached
// for one observation, because two measurements may need the same one: for a layer that starts from
// the identity, W − W₀ is W − I.

public import ZerOInitializers
public import ZerOLinearAlgebra
public import ZerONetworks
import ZerOParallelism
public import ZerOSpectra
import ZerOSymmetry

/// A matrix that is subtracted from a weight.
public enum WeightReference: String, Hashable, Sendable {
  /// I, in the shape of the weight; for a convolution kernel I at the center tap, so the convolution keeps an image.
  case identity

  /// W₀, the weight before training; with weight decay α·W₀, where α is the factor by which the decay has multiplied it.
  case start
}

/// A layer whose weight is measured.
///
/// The layer may be trained with symmetry reduction; the measurements describe the whole layer in
/// either case.
public struct MeasuredLayer<Scalar: MatrixScalar>: Sendable {
  /// The name of the layer, for example `l3`.
  public let name: LayerName

  /// The weight before training.
  private let quotient: ParameterQuotient<Scalar>

  /// The weight in its current state, as it is trained.
  private let trained: Matrix<Scalar>

  /// The bias before training; `nil` for a layer without biases.
  private let biasQuotient: ParameterQuotient<Scalar>?

  /// The bias in its current state, as it is trained.
  private let trainedBias: Matrix<Scalar>?

  /// α, the factor by which weight decay has multiplied the initial weights.
  private let startFactor: Double

  /// The shape of a convolution kernel; `nil` for the weight of a dense layer.
  public let kernel: KernelShape?

  /// The latest batch; `nil` before training.
  public let batch: LayerBatch<Scalar>?

  private let team: ThreadTeam
  private var ranks: [WeightReference: Int] = [:]
  private var knownSpectra: [WeightReference: Spectrum] = [:]

  /// Makes a layer in the course of training.
  ///
  /// - Parameters:
  ///   - name: The name of the layer.
  ///   - quotient: The weight and the bias before training.
  ///   - trained: The weight and the bias in their current state, as they are trained.
  ///   - startFactor: α.
  ///   - kernel: The shape of a convolution kernel.
  ///   - batch: The latest batch.
  ///   - team: The threads that share the work of measuring.
  init(
    name: LayerName,
    quotient: (weight: ParameterQuotient<Scalar>, bias: ParameterQuotient<Scalar>?),
    trained: (weight: Matrix<Scalar>, bias: Matrix<Scalar>?), startFactor: Double,
    kernel: KernelShape? = nil, batch: LayerBatch<Scalar>?, team: ThreadTeam
  ) {
    self.name = name
    (self.quotient, biasQuotient) = quotient
    (self.trained, trainedBias) = trained
    self.startFactor = startFactor
    self.kernel = kernel
    self.batch = batch
    self.team = team
  }

  /// Makes a layer before training.
  ///
  /// - Parameters:
  ///   - name: The name of the layer.
  ///   - layer: The layer.
  public init(name: LayerName, layer: DenseLayer<Scalar>) {
    let bias = layer.bias.map { Matrix(rows: $0.count, columns: 1, elements: $0) }
    self.init(
      name: name,
      quotient: (
        ParameterQuotient(unreduced: InitialParameter(layer.weight)),
        bias.map { ParameterQuotient(unreduced: .matrix($0)) }
      ), trained: (layer.weight, bias), startFactor: 1, batch: nil, team: .alone)
  }

  /// m, the number of outputs of the whole layer.
  public var rows: Int { quotient.rows }

  /// n, the number of inputs of the whole layer.
  public var columns: Int { quotient.columns }

  /// W of the whole layer, m × n.
  ///
  /// - Complexity: O(m·n) if the layer is trained with symmetry reduction.
  public var weight: Matrix<Scalar> { quotient.expanded(trained, startFactor: startFactor) }

  /// W − α·W₀, in double precision; of a reduced layer a smaller matrix with its nonzero singular values.
  var change: Matrix<Double> { difference(from: .start) }

  /// b; `nil` for a layer without biases.
  public var bias: ContiguousArray<Scalar>? {
    guard let biasQuotient, let trainedBias else { return nil }
    return biasQuotient.expanded(trainedBias, startFactor: startFactor).elements
  }

  /// Divides W into blocks and returns the element of largest magnitude of each.
  ///
  /// - Parameter limit: The maximum number of rows and columns of the result, at least 1.
  /// - Returns: min(m, limit) × min(n, limit).
  public func blockExtremes(atMost limit: Int) -> Matrix<Scalar> {
    quotient.blockExtremes(of: trained, startFactor: startFactor, atMost: limit)
  }

  /// Computes how far identical units have diverged; `nil` if the classes of the layer are unknown.
  ///
  /// - Throws: `FactorizationError.notFinite` if the weight contains a NaN or an infinity.
  public func copyDistance() throws(FactorizationError) -> Double? {
    guard
      let distance = quotient.copyDistance(in: trained, startFactor: startFactor, team: team)
    else { return nil }
    guard distance.isFinite else { throw .notFinite }
    return distance
  }

  /// Computes rank(W − R) at the tolerance of the reference notebook, with the difference in double
  /// precision.
  ///
  /// - Parameter reference: R.
  /// - Returns: The rank.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  public mutating func rank(from reference: WeightReference) throws(FactorizationError) -> Int {
    let reference = identityIsStart ? .identity : reference
    if let known = ranks[reference] { return known }
    let rank = try NumericalRank.count(
      of: difference(from: reference), tolerance: NumericalRank.notebookTolerance, team: team)
    ranks[reference] = rank
    return rank
  }

  /// Computes all singular values of W − R, for each reference R.
  ///
  /// - Returns: The spectra. For a layer that starts from the identity there is only one, because
  ///   W − W₀ is W − I.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  public func spectra() throws(FactorizationError) -> [WeightReference: Spectrum] {
    var layer = self
    for reference in identityIsStart ? [WeightReference.identity] : [.identity, .start] {
      _ = try layer.spectrum(from: reference)
    }
    return layer.knownSpectra
  }

  /// Computes all singular values of W − R.
  ///
  /// - Parameter reference: R.
  /// - Returns: The spectrum, min(m, n) values.
  /// - Throws: `FactorizationError` if the weight contains a NaN or an infinity.
  public mutating func spectrum(from reference: WeightReference) throws(FactorizationError)
    -> Spectrum
  {
    let reference = identityIsStart ? .identity : reference
    if let known = knownSpectra[reference] { return known }
    let values = try difference(from: reference).deduplicatedSingularValues(team)
    // The omitted units contribute only zeros.
    let padding = min(rows, columns) - values.count
    let spectrum = Spectrum(values + [Double](repeating: 0, count: padding))
    knownSpectra[reference] = spectrum
    return spectrum
  }

  /// Whether W − α·W₀ is W − I.
  private var identityIsStart: Bool { quotient.start.isIdentity && startFactor == 1 }

  /// A matrix with the singular values of W − R; with fewer zeros if the layer is reduced.
  private func difference(from reference: WeightReference) -> Matrix<Double> {
    if reference == .start || identityIsStart {
      return quotient.change(of: trained, startFactor: startFactor, team: team)
    }
    // The rank of W − I can exceed the size of the reduced matrix, so W is expanded.
    var difference = Matrix<Double>(weight, team: team)
    difference.subtractIdentity(taps: kernel?.taps ?? 1, tap: kernel?.centerTap ?? 0)
    return difference
  }
}
