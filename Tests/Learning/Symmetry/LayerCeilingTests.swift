import Networks
import Symmetry
import Testing

@Suite struct LayerCeilingTests {
  private func ceilings(_ name: String, width: Int, bias: Float?, liveInputs: [Bool]? = nil) throws
    -> [LayerCeiling]
  {
    EquitablePartition(
      of: try initialNetwork(name, inputs: 12, width: width, classes: 3, bias: bias),
      liveInputs: liveInputs
    ).layerCeilings
  }

  @Test func `copies are counted by size`() throws {
    let layers = try ceilings("ZerO", width: 32, bias: 0.01)
    #expect(layers.map(\.tensor) == ["l1.weight", "l2.weight", "l3.weight", "l4.weight"])
    #expect(layers.map(\.ceiling) == [12, 12, 19, 3])
    #expect(layers.map(\.dead) == [0, 0, 0, 0] && layers[2].shape == [32, 32])
    #expect(layers[2].classCount == 19 && layers[2].classes.map(\.size) == [2, 1])
    #expect(
      layers[2].reason
        == "The 32 units of l2 form 19 classes: 13 of 2 units, 6 of 1; the units of l3 likewise. "
        + "Units of a class have the same weights from each class below and to each class above, in "
        + "some order, so training keeps them equal, and W - W0 is constant on each block of two "
        + "classes.")
  }

  @Test func `dead units are said to be dead`() throws {
    let layers = try ceilings("Partial_Identity", width: 20, bias: nil)
    #expect(layers[2].ceiling == 12 && layers[2].dead == 8)
    #expect(
      layers[2].reason
        == "Of the 20 units of l2 8 are dead, the others are all different; the units of l3 likewise. "
        + "A dead unit is 0 for every input and has no gradient: its row or column never changes.")
    let dark = try ceilings(
      "Partial_Identity", width: 20, bias: nil, liveInputs: [Bool](repeating: false, count: 12))
    #expect(dark.map(\.ceiling) == [0, 0, 0, 0])
    #expect(dark[0].reason.hasPrefix("The 12 inputs are all dead; the units of l1 likewise."))
  }

  @Test func `where nothing is alike the shape is the bound`() throws {
    let layers = try ceilings("Random", width: 20, bias: 0.01)
    #expect(layers[2].ceiling == 20)
    #expect(layers[2].reason.hasPrefix("No two units at either end are alike"))
  }
}
