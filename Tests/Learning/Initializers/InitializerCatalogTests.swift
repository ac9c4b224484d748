// Requirements on every initializer in the catalog.

import TestSupport
import Testing
import ZerOInitializers
import ZerOLinearAlgebra
import ZerORandomness

@Suite struct InitializerCatalogTests {
  @Test func `names are unique and include those of the reference notebook`() {
    #expect(Set(InitializerCatalog.builtIn.names).count == InitializerCatalog.builtIn.names.count)
    let notebook = ["ZerO", "Partial_Identity", "Random", "OnE", "Spray"]
    #expect(Set(notebook).isSubset(of: InitializerCatalog.builtIn.names))
  }

  @Test func `the error for an unknown name lists the nearest and all known names`() throws {
    let error = #expect(throws: InitializationError.self) {
      try InitializerCatalog.builtIn.entry(named: "Zero")
    }
    let text = try #require(error).description
    #expect(text.contains("did you mean 'ZerO'?") && text.contains("Partial_Identity"))
  }

  @Test func `a catalog takes more initializers, each name once`() throws {
    let entry = InitializerEntry(
      name: "Mine", summary: "ones", isRandom: false, initializer: ConstAvg())
    let catalog = try InitializerCatalog.builtIn.adding(entry)
    #expect(catalog.names == InitializerCatalog.builtIn.names + ["Mine"])
    #expect(try catalog.entry(named: "Mine").initializer is ConstAvg)
    #expect(throws: InitializationError.nameTaken("Mine")) { try catalog.adding(entry) }
    #expect(throws: InitializationError.nameTaken("Mine")) {
      try InitializerCatalog.builtIn.adding(entry, entry)
    }
    for name in ["", "a b", "../a", "a,b", "ä", "a\n", "1a", "None", "a;b"] {
      let invalid = InitializerEntry(
        name: name, summary: "", isRandom: false, initializer: ConstAvg())
      #expect(throws: InitializationError.invalidName(name)) { try catalog.adding(invalid) }
    }
    let error = #expect(throws: InitializationError.self) { try catalog.entry(named: "mine") }
    #expect(error?.description.contains("did you mean 'Mine'?") == true)
  }

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `a perturbation adds the weights of Random`(name: String) throws {
    let catalog = InitializerCatalog.builtIn
    let (dense, kernel) = (
      WeightShape(outputs: 12, inputs: 5), KernelShape(outputs: 6, inputs: 4, kernelSize: [3, 3])
    )
    func values(_ rule: any Initializer, after first: any Initializer) throws -> [Float] {
      var streams = RandomStreams(seed: 3)
      _ = try first.weight(dense, using: &streams)
      let weight = try rule.weight(dense, using: &streams)
      var others = RandomStreams(seed: 3)
      _ = try first.kernel(kernel, using: &others)
      return Array(weight.elements) + Array(try rule.kernel(kernel, using: &others))
    }
    let base = try catalog.entry(named: name).initializer
    let entry = try catalog.entry(named: "\(name)+1e-3")
    // The draws of the base come first, then those of Random.
    let start = try values(base, after: Zeros())
    let noise = try values(catalog.entry(named: "Random").initializer, after: base)
    let found = try values(entry.initializer, after: Zeros())
    #expect(found == zip(start, noise).map { $0 + Float(1e-3) * $1 } && found != start)
    #expect(entry.isRandom && entry.name == "\(name)+1e-3")
    #expect(!entry.initializer.isIdentity(WeightShape(outputs: 4, inputs: 4)))
    #expect(catalog.contains([name, "\(name)+1e-3"]) && !catalog.contains([name, "Mine+1"]))
  }

  @Test(arguments: [
    "ZerO+", "ZerO+0", "ZerO+-1", "ZerO+2", "ZerO+nan", "ZerO+1e-60", "ZerO+1+1", "ZerO+0x1",
  ])
  func `a perturbation has a size`(name: String) {
    #expect(throws: InitializationError.invalidPerturbation(name)) {
      try InitializerCatalog.builtIn.entry(named: name)
    }
    let error = #expect(throws: InitializationError.self) {
      try InitializerCatalog.builtIn.entry(named: "Zero+1e-6")
    }
    #expect(error?.description.contains("did you mean 'ZerO'?") == true)
  }

  @Test func `names are an entry's, alone or with a size`() {
    let names = ["ZerO", "Mine", "ZerO+1e-6", "Mine+0.5"]
    let others = ["", "1a", "ZerO+", "ZerO+\u{1b}", "ZerO+1\n", "ZerO+1/2", "ZerO+1e-6+1", "a b+1"]
    #expect(names.allSatisfy(Perturbation.isName) && !others.contains(where: Perturbation.isName))
    #expect(!Perturbation.isName("ZerO+0." + String(repeating: "0", count: 40) + "1"))
  }

  @Test func `a perturbation refuses weights of another shape`() {
    struct Wrong: Initializer {
      func weight(_ shape: WeightShape, using streams: inout RandomStreams)
        throws(InitializationError) -> Matrix<Float>
      {
        Matrix(repeating: 1, rows: shape.outputs + 1, columns: shape.inputs)
      }
    }
    let rule = Perturbation(base: Wrong(), size: 0.1)
    let shape = WeightShape(outputs: 4, inputs: 4)
    #expect(throws: InitializationError.wrongShape(shape, rows: 5, columns: 4)) {
      var streams = RandomStreams(seed: 1)
      _ = try rule.weight(shape, using: &streams)
    }
    #expect(throws: InitializationError.self) {
      var streams = RandomStreams(seed: 1)
      _ = try rule.kernel(
        KernelShape(outputs: 4, inputs: 4, kernelSize: [3, 3]), using: &streams)
    }
  }

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `equal seeds give equal weights of the requested shape`(name: String) throws {
    let entry = try InitializerCatalog.builtIn.entry(named: name)
    var refused: [WeightShape] = []
    for shape in everySmallShape {
      do {
        try entry.initializer.check(shape)
      } catch {
        refused.append(shape)
        var streams = RandomStreams(seed: 7)
        #expect(throws: error) { try entry.initializer.weight(shape, using: &streams) }
        continue
      }
      var (first, second) = (RandomStreams(seed: 7), RandomStreams(seed: 7))
      let weight = try entry.initializer.weight(shape, using: &first)
      #expect(weight.rows == shape.outputs && weight.columns == shape.inputs)
      #expect(weight.isFinite)
      #expect(try entry.initializer.weight(shape, using: &second) == weight)
    }
    let expected =
      switch name {
      case "Spray", "IDInit_Branch_End": everySmallShape.filter { $0.inputs == 1 }
      case "Sinusoidal": everySmallShape.filter { $0.outputs <= 2 && $0.inputs <= 2 }
      default: [WeightShape]()
      }
    #expect(refused == expected)
  }

  @Test(arguments: InitializerCatalog.builtIn.names)
  func `only random initializers depend on the seed`(name: String) throws {
    let entry = try InitializerCatalog.builtIn.entry(named: name)
    let shape = WeightShape(outputs: 40, inputs: 9)
    var (first, second) = (RandomStreams(seed: 1), RandomStreams(seed: 2))
    let areEqual =
      try entry.initializer.weight(shape, using: &first)
      == entry.initializer.weight(shape, using: &second)
    #expect(areEqual == !entry.isRandom)
  }

  @Test(arguments: ["1024x784", "1x1"]) func `printed shapes can be parsed`(text: String) {
    #expect(WeightShape(text)?.description == text)
  }

  @Test(arguments: [
    "", "3", "3x", "3xx4", "x3", "0x3", "3x-1", "3x4x5", "a x b", "99999999999x99999999999",
  ])
  func `invalid shapes are rejected`(text: String) {
    #expect(WeightShape(text) == nil)
  }
}

/// 1 × 1 … 9 × 9.
let everySmallShape = (1...9).flatMap { m in
  (1...9).map { n in WeightShape(outputs: m, inputs: n) }
}
