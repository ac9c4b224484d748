import ZerOMessages

/// An initializer with its name on the command line and in experiments.
public struct InitializerEntry: Sendable {
  /// The name, unique in the catalog.
  public let name: String

  /// A one-line description for listings.
  public let summary: String

  /// Whether the weights depend on a seed.
  public let isRandom: Bool

  /// The initializer.
  public let initializer: any Initializer

  /// Makes an entry.
  ///
  /// - Parameters:
  ///   - name: The name, used in records and in the names of run folders. Finished runs are kept under it, so an
  ///     initializer with other weights needs another name.
  ///   - summary: A one-line description.
  ///   - isRandom: Whether the weights depend on a seed.
  ///   - initializer: The initializer.
  public init(name: String, summary: String, isRandom: Bool, initializer: any Initializer) {
    self.name = name
    self.summary = summary
    self.isRandom = isRandom
    self.initializer = initializer
  }
}

/// The initializers that plans and experiments may name.
///
/// A catalog is a value: ``builtIn`` never changes, and a program with initializers of its own passes a larger catalog to the
/// functions that need one.
public struct InitializerCatalog: Sendable {
  /// The entries, in the order of listings.
  public let entries: [InitializerEntry]

  private init(_ entries: [InitializerEntry]) { self.entries = entries }

  /// The same catalog with more initializers at its end.
  ///
  /// - Parameter more: The entries to add.
  /// - Returns: The larger catalog.
  /// - Throws: `InitializationError.nameTaken` if a name occurs twice; `.invalidName`.
  public func adding(_ more: InitializerEntry...) throws(InitializationError) -> InitializerCatalog
  {
    var names = Set(names)
    for entry in more {
      guard entry.name.isCatalogName else { throw .invalidName(entry.name) }
      guard names.insert(entry.name).inserted else { throw .nameTaken(entry.name) }
    }
    return InitializerCatalog(entries + more)
  }

  /// The initializers of the package.
  public static let builtIn = InitializerCatalog([
    InitializerEntry(
      name: "ZerO", summary: "Hadamard matrix where a layer expands, partial identity elsewhere",
      isRandom: false, initializer: ZerO(scale: .code)),
    InitializerEntry(
      name: "ZerO_Paper_Scale", summary: "ZerO with the factor printed in the paper, √2 larger",
      isRandom: false, initializer: ZerO(scale: .paper)),
    InitializerEntry(
      name: "Partial_Identity", summary: "ones on the diagonal, zeros elsewhere",
      isRandom: false, initializer: PartialIdentity()),
    InitializerEntry(
      name: "OnE", summary: "partial identity; each row beyond it has one 1 in a random column",
      isRandom: true, initializer: OnE()),
    InitializerEntry(
      name: "Spray", summary: "1/(n-1) everywhere, except 0 where OnE has its 1",
      isRandom: true, initializer: Spray()),
    InitializerEntry(
      name: "IDInit", summary: "row i has its 1 in column i mod n",
      isRandom: false, initializer: IDInit(.identity)),
    InitializerEntry(
      name: "IDInit_Branch_End", summary: "IDInit for a residual branch's last layer, ±1e-6",
      isRandom: false, initializer: IDInit(.branchEnd)),
    InitializerEntry(
      name: "Sinusoidal", summary: "sines with variance 2/(m+n); about half rank if square",
      isRandom: false, initializer: Sinusoidal()),
    InitializerEntry(
      name: "DCT", summary: "rows of the cosine transform, all singular values 1",
      isRandom: false, initializer: DCT()),
    InitializerEntry(
      name: "ConstAvg", summary: "1/n everywhere, rank 1",
      isRandom: false, initializer: ConstAvg()),
    InitializerEntry(
      name: "Zeros", summary: "0 everywhere, for a residual branch's last layer",
      isRandom: false, initializer: Zeros()),
    InitializerEntry(
      name: "Random", summary: "Kaiming normal, N(0, 2/n), as torch.nn.init.kaiming_normal_",
      isRandom: true, initializer: TorchDistribution(.kaiming, .normal)),
    InitializerEntry(
      name: "KaimingUniform", summary: "U(-a, a) with variance 2/n, as kaiming_uniform_",
      isRandom: true, initializer: TorchDistribution(.kaiming, .uniform)),
    InitializerEntry(
      name: "XavierNormal", summary: "N(0, 2/(m+n)), as xavier_normal_",
      isRandom: true, initializer: TorchDistribution(.xavier, .normal)),
    InitializerEntry(
      name: "XavierUniform", summary: "U(-a, a) with variance 2/(m+n), as xavier_uniform_",
      isRandom: true, initializer: TorchDistribution(.xavier, .uniform)),
    InitializerEntry(
      name: "Orthogonal", summary: "random, all singular values 1, as orthogonal_",
      isRandom: true, initializer: Orthogonal()),
  ])

  /// The names, in the order of listings.
  public var names: [String] { entries.map(\.name) }

  /// The names of the entries in PyTorch, JAX and Keras, for suggestions.
  static let synonyms = [
    "kaiming": "Random", "kaimingnormal": "Random", "he": "Random", "henormal": "Random",
    "normal": "Random", "heuniform": "KaimingUniform", "uniform": "KaimingUniform",
    "xavier": "XavierUniform", "glorot": "XavierUniform", "glorotuniform": "XavierUniform",
    "glorotnormal": "XavierNormal", "identity": "Partial_Identity", "eye": "Partial_Identity",
    "hadamard": "ZerO", "constant": "ConstAvg",
  ]

  /// Finds an initializer by name, alone or with the size of a ``Perturbation``: `ZerO`, `ZerO+1e-6`.
  ///
  /// - Parameter name: The name as listed, case-sensitive, and possibly a plus sign and a number.
  /// - Returns: The entry; a random one for a name with a plus sign.
  /// - Throws: `InitializationError.unknownName`, whose text suggests the nearest name; `.invalidPerturbation`.
  public func entry(named name: String) throws(InitializationError) -> InitializerEntry {
    let (base, text) = Perturbation.parts(of: name)
    guard let entry = entries.first(where: { $0.name == base }) else {
      throw .unknownName(base, known: names)
    }
    guard let text else { return entry }
    guard let size = Perturbation.size(of: text) else { throw .invalidPerturbation(name) }
    return InitializerEntry(
      name: name, summary: "\(base) plus \(text) times Random", isRandom: true,
      initializer: Perturbation(base: entry.initializer, size: size))
  }

  /// Whether the catalog has all of some initializers.
  ///
  /// - Parameter names: Names, alone or with the size of a ``Perturbation``.
  /// - Returns: `false` if ``entry(named:)`` throws for one.
  public func contains(_ names: [String]) -> Bool {
    names.allSatisfy { (try? entry(named: $0)) != nil }
  }
}
