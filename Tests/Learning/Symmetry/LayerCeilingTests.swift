import Testing
import ZerONetworks
import ZerOSymmetry

@Suite struct LayerCeilingTests {
  private func ceilings(_ name: String, width: Int, bias: Float?, nonzeroInputs: [Bool]? = nil)
    throws
    -> [LayerCeiling]
  {
    EquitablePartition(
      of: try initialNetwork(name, inputs: 12, width: width, classes: 3, bias: bias),
      nonzeroInputs: nonzeroInputs
    ).layerCeilings
  }

  @Test func `classes are counted by size`() throws {
    let layers = try ceilings("ZerO", width: 32, bias: 0.01)
    #expect(layers.map(\.layer.description) == ["l1", "l2", "l3", "l4"])
    #expect(layers.map(\.ceiling) == [12, 12, 19, 3])
    #expect(layers.map(\.outputs.deadCount) == [0, 0, 0, 0])
    #expect(layers[1].outputs == layers[2].inputs && layers[2].outputs.unitCount == 32)
    #expect(layers[2].outputs.classCount == 19 && !layers[2].outputs.isDiscrete)
    #expect(layers[2].outputs.classes.map(\.size) == [2, 1])
    #expect(layers[2].outputs.classes.map(\.count) == [13, 6])
  }

  @Test func `dead units are counted and belong to no class`() throws {
    let layers = try ceilings("Partial_Identity", width: 20, bias: nil)
    #expect(layers[2].ceiling == 12 && layers[2].outputs.deadCount == 8)
    #expect(layers[2].outputs.isDiscrete)
    let dark = try ceilings(
      "Partial_Identity", width: 20, bias: nil, nonzeroInputs: [Bool](repeating: false, count: 12))
    #expect(dark.map(\.ceiling) == [0, 0, 0, 0])
    #expect(dark[0].inputs.deadCount == 12 && dark[0].inputs == dark[0].outputs)
  }

  @Test func `without identical units the shape of the weight is the bound`() throws {
    let layers = try ceilings("Random", width: 20, bias: 0.01)
    #expect(layers[2].ceiling == 20)
    #expect(layers[2].inputs.isDiscrete && layers[2].outputs.isDiscrete)
  }
}
