import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerOMeasurements
import ZerONetworks
import ZerORandomness
import ZerOSpectra

@Suite struct MeasurementTests {
  private func network(_ name: String, bias: Float? = 0.01) throws -> Network<Float> {
    var streams = RandomStreams(seed: 1)
    return try Network(
      Model.notebook(inputDimension: 6, width: 12, classCount: 3, hasBias: bias != nil).graph,
      initializer: InitializerCatalog.builtIn.entry(named: name).initializer, bias: bias ?? 0,
      using: &streams)
  }

  /// Adds a matrix of known rank to l3, with singular values far above the tolerance.
  private func change(_ network: inout Network<Float>, rank: Int) {
    for r in 0..<rank { network.layers[2].weight[r, (5 * r + 1) % 12] += 0.25 }
  }

  @Test(arguments: MeasurementCatalog.builtIn.names.filter { !SignalQuantity.isName($0) })
  func `every measurement of a weight has a value at the start`(
    name: String
  ) throws {
    let network = try network("ZerO")
    let values = try Observation([name], from: network).values(of: network)
    #expect(values.keys.sorted() == [name])
    // l3 starts from the identity, whose units all differ.
    #expect(values[name]?["l3.weight"] == (name.hasSuffix("_units") ? 12 : 0))
  }

  @Test func `units are counted once if their weights are equal`() throws {
    let start = try network("Random")
    var now = start
    for column in 0..<12 {
      now.layers[2].weight[3, column] = now.layers[2].weight[0, column]
      // Closer than 1e-4 of the largest weight, but not equal.
      now.layers[2].weight[5, column] = now.layers[2].weight[1, column] * (1 + 1e-6)
    }
    let values = try Observation(["distinct_units", "separate_units"], from: start).values(of: now)
    #expect(values["distinct_units"] == ["l3.weight": 11])
    #expect(values["separate_units"] == ["l3.weight": 10])
  }

  @Test func `a kernel has ranks as a whole and at its taps, and the identity at its center`()
    throws
  {
    var settings = ModelSettings(
      input: ValueShape(units: 3, height: 6, width: 6), width: 4, classCount: 2)
    (settings.blocks, settings.norm) = ([1], .batch)
    let graph = try #require(ModelFamily.named("resnet")).model(settings).graph
    var streams = RandomStreams(seed: 1)
    let start = try Network<Float>(
      graph, initializer: InitializerCatalog.builtIn.entry(named: "Partial_Identity").initializer,
      using: &streams)
    let name = "layer1.0.conv1.weight"
    let index = try #require(graph.index(ofParameter: name))
    // At the start the kernel keeps an image.
    let quantities = ["rank", "rank_from_start", "tap_rank"]
    let observation = try Observation(quantities, of: [name], from: start)
    #expect(
      try observation.values(of: start)
        == Dictionary(
          uniqueKeysWithValues: quantities.map { ($0, [name: 0.0]) }))
    #expect(try observation.snapshots(of: start).first?.rows == 4)
    var now = start
    // One output at each of three taps, all from the same input: rank 3 as a whole, 1 at each tap.
    for (output, tap) in [(0, 0), (1, 4), (2, 8)] {
      now.parameters[index][output, 2 * 9 + tap] += 0.5
    }
    #expect(
      try observation.values(of: now) == [
        "rank": [name: 3], "rank_from_start": [name: 3], "tap_rank": [name: 1],
      ])
  }

  @Test(arguments: 1...3) func `a network without square layers has nothing to measure`(
    layers: Int
  ) throws {
    let short = Network(layers: Array(try network("ZerO").layers.prefix(layers)))
    let observation = try Observation(["rank"], from: short)
    #expect(try observation.values(of: short) == [:])
    #expect(try observation.snapshots(of: short).isEmpty)
  }

  @Test(arguments: ["Partial_Identity", "Random"])
  func `ranks equal that of the added matrix`(name: String) throws {
    let start = try network(name)
    var now = start
    change(&now, rank: 4)
    let values = try Observation(["rank", "rank_from_start"], from: start).values(of: now)
    #expect(values["rank_from_start"] == ["l3.weight": 4])
    // The negative control: random weights remain far from the identity.
    #expect(values["rank"]?["l3.weight"] == (name == "Random" ? 12 : 4))
  }

  @Test(arguments: ["Partial_Identity", "Random"])
  func `a snapshot and measurements have the same ranks`(name: String) throws {
    let start = try network(name)
    var now = start
    change(&now, rank: 4)
    let observation = try Observation(MeasurementCatalog.builtIn.names, from: start)
    let snapshot = try #require(try observation.snapshots(of: now).first)
    let values = try observation.values(of: now)
    #expect(snapshot.tensor == "l3.weight" && snapshot.rows == 12 && snapshot.columns == 12)
    #expect(snapshot.map == now.layers[2].weight, "a small weight is its own map")
    let tolerance = NumericalRank.notebookTolerance
    let identity = try #require(snapshot.spectra[.identity])
    #expect(Double(identity.rank(above: tolerance).rank) == values["rank"]?["l3.weight"])
    #expect(identity.values.count == 12)
    // For a layer that starts from the identity, both spectra are the same.
    #expect((snapshot.spectra[.start] == nil) == (name == "Partial_Identity"))
    if let start = snapshot.spectra[.start] {
      #expect(
        Double(start.rank(above: tolerance).rank) == values["rank_from_start"]?["l3.weight"])
    }
  }

  @Test func `only layers with biases have the bias series`() throws {
    let with = try network("ZerO")
    #expect(
      try Observation(["rank"], from: with).values(of: with)["rank"]
        == ["l3.weight": 0, "l3.bias": 12])
    let without = try network("ZerO", bias: nil)
    #expect(
      try Observation(["rank"], from: without).values(of: without)["rank"] == ["l3.weight": 0])
  }

  @Test func `the bias series equals PyTorch's`() throws {
    let curves: TrainingCurvesGolden = try golden("training_curves")
    func layer(_ width: Int) -> MeasuredLayer<Double> {
      MeasuredLayer(
        name: LayerName("l3"),
        layer: DenseLayer(
          weight: .identity(rows: width, columns: width),
          bias: ContiguousArray(repeating: 0.01, count: width), activation: .relu))
    }
    // The bias changes little in one update.
    for run in curves.runs {
      var start = layer(run.width)
      let rank = try RankFromIdentity().values(of: &start)["l3.bias"]
      #expect(rank == run.rankL3BiasMinusIdentity.first.map { Double($0) })
    }
    // The negative control: 100 biases of 0.01 sum to 1, which reduces the rank by one.
    var lost = layer(100)
    #expect(try RankFromIdentity().values(of: &lost)["l3.bias"] == 99)
  }

  @Test func `a NaN in the weights is an error, not a rank`() throws {
    let start = try network("ZerO")
    var now = start
    now.layers[2].weight[0, 0] = .nan
    #expect(throws: FactorizationError.notFinite) {
      try Observation(["rank"], from: start).values(of: now)
    }
  }

  @Test func `the error for an unknown measurement suggests a known one`() throws {
    let network = try network("ZerO")
    #expect(throws: MeasurementError.self) { try Observation(["rnk"], from: network) }
    #expect(
      MeasurementError.unknownName("rnk", known: ["rank"]).description
        .contains("did you mean 'rank'?"))
  }

  private let rounding = Tolerance(
    relative: 1e-6, because: "the initial weights are in single precision")

  @Test(arguments: ["Partial_Identity", "Random"])
  func `quantities are those of the change since the start`(name: String) throws {
    let start = try network(name, bias: nil)
    var now = start
    // One change of 2 and two of 1, in different rows and columns.
    for (i, j, size) in [(0, 1, 2), (4, 7, 1), (9, 3, 1)] as [(Int, Int, Float)] {
      now.layers[2].weight[i, j] += size
    }
    let values = try Observation(MeasurementCatalog.expanded(["quantities"]), from: start)
      .values(of: now)
    // σ = 2, 1, 1: p = 1/2, 1/4, 1/4, and the squares 4, 1, 1 have the sum 6.
    let expected = [
      "rank_from_start": 3, "effective_rank_from_start": 2 * 2.0.squareRoot(),
      "stable_rank_from_start": 6.0 / 4, "energy_rank_90_from_start": 3,
      "energy_rank_99_from_start": 3, "top_share_from_start": 1,
      "spectral_norm_from_start": 2, "frobenius_norm_from_start": 6.0.squareRoot(),
    ]
    #expect(Set(values.keys) == Set(expected.keys))
    for (quantity, value) in expected {
      #expect(values[quantity]?.count == 1)
      expectClose(
        try #require(values[quantity]?["l3.weight"]), value, within: rounding, quantity)
    }
    // The negative control: the distance of random weights from the identity is another matrix.
    let snapshot = try #require(try Observation(["rank"], from: start).snapshots(of: now).first)
    let fromIdentity = try #require(snapshot.spectra[.identity])
    #expect((fromIdentity.effectiveRank < 3) == (name == "Partial_Identity"))
  }

  @Test func `the group stands for its members, each once`() throws {
    let all = MeasurementCatalog.builtIn.names.filter { $0.hasSuffix("_from_start") }
    #expect(all.count == SpectralQuantity.catalog.count)
    #expect(MeasurementCatalog.expanded(["quantities"]) == all)
    #expect(
      MeasurementCatalog.expanded(["rank", "rank_from_start", "quantities"])
        == ["rank"] + all)
    #expect(
      MeasurementCatalog.expanded(["quantities", "rank_from_start"]).sorted() == all.sorted())
    // Without the group, a list stays as it is.
    #expect(MeasurementCatalog.expanded(["rank", "rank"]) == ["rank", "rank"])
    let unknown = #expect(throws: MeasurementError.self) {
      try MeasurementCatalog.builtIn.entry(named: "quantity")
    }
    #expect(unknown?.description.contains("did you mean 'quantities'?") == true)
  }

  /// The number of rows, a measurement outside the package.
  private struct RowCount: LayerMeasurement {
    func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws -> [String: Double] {
      [layer.name.weight: Double(layer.rows)]
    }
  }

  @Test func `a catalog takes more measurements, each name once`() throws {
    let entry = MeasurementEntry(name: "rows", summary: "m", measurement: RowCount())
    let catalog = try MeasurementCatalog.builtIn.adding(entry)
    var streams = RandomStreams(seed: 0)
    let network = try Network<Float>(
      Model.notebook(inputDimension: 3, width: 8, classCount: 2, hasBias: false).graph,
      initializer: ZerO(scale: .code), using: &streams)
    let values = try Observation(["rows", "rank"], in: catalog, from: network).values(of: network)
    #expect(values["rows"] == ["l3.weight": 8] && values["rank"]?.count == 1)
    // The negative control: the catalog of the package is unchanged.
    #expect(throws: MeasurementError.self) { try Observation(["rows"], from: network) }
    for name in ["rows", "rank", "quantities", "loss", "epoch"] {
      let taken = MeasurementEntry(name: name, summary: "", measurement: RowCount())
      #expect(throws: MeasurementError.nameTaken(name)) { try catalog.adding(taken) }
    }
    for name in ["", "a b", "a/b", "a,b", "ä", "a\n"] {
      let invalid = MeasurementEntry(name: name, summary: "", measurement: RowCount())
      #expect(throws: MeasurementError.invalidName(name)) { try catalog.adding(invalid) }
    }
  }

  /// A fixed result, as a wrong measurement returns it.
  private struct Fixed: LayerMeasurement {
    let result: [String: Double]

    func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws -> [String: Double] {
      result
    }
  }

  @Test func `a value that records cannot contain is an error`() throws {
    let network = try network("ZerO", bias: nil)
    func values(_ result: [String: Double]) throws -> [String: [String: Double]] {
      let entry = MeasurementEntry(name: "fixed", summary: "", measurement: Fixed(result: result))
      return try Observation(
        ["fixed"], in: MeasurementCatalog.builtIn.adding(entry), from: network
      ).values(of: network)
    }
    #expect(try values(["l3.weight": 5]) == ["fixed": ["l3.weight": 5]])
    for value in [Double.nan, .infinity] {
      #expect(throws: MeasurementError.notFinite(quantity: "fixed", tensor: "l3.weight")) {
        try values(["l3.weight": value])
      }
    }
    // The network has no biases.
    for tensor in ["l2.weight", "l3.bias", "w"] {
      #expect(
        throws: MeasurementError.otherTensor(quantity: "fixed", tensor: tensor, layer: "l3")
      ) { try values([tensor: 1]) }
    }
  }
}
