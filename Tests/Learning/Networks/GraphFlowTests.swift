import Testing
import ZerOLinearAlgebra

@testable import ZerONetworks

@Suite struct GraphFlowTests {
  private func flow(_ blocks: [Int], norm: ModelNormalization = .batch) throws -> GraphFlow {
    var settings = ModelSettings(
      input: ValueShape(units: 1, height: 8, width: 8), width: 16, classCount: 3)
    (settings.blocks, settings.norm) = (blocks, norm)
    return GraphFlow(try #require(ModelFamily.named("resnet")).model(settings).graph)
  }

  @Test func `a residual addition is computed in the buffer of its branch`() throws {
    let flow = try flow([1])
    // Input, conv1, bn1 and relu, conv1, bn1 and relu, conv2, bn2 and sum and relu, pooling, fc.
    let stage = 16 * 64
    #expect(flow.features == [64] + [Int](repeating: stage, count: 6) + [16, 3])
    #expect(flow.steps.filter { $0.inputs.contains($0.output) }.count == 1)
    // The stream, which the block reads twice, keeps its buffer.
    #expect(flow.steps.last { $0.operation is Addition }?.inputs == [6, 2])
  }

  @Test(arguments: [[1], [3], [2, 2], [1, 2, 1]])
  func `gradients that are needed at once have different places`(blocks: [Int]) throws {
    for norm in [ModelNormalization.batch, .none, .group] {
      let flow = try flow(blocks, norm: norm)
      // From the first step of a backward pass that writes a gradient to the last that reads it.
      var spans: [Int: ClosedRange<Int>] = [:]
      for buffer in flow.features.indices.dropFirst() where buffer != flow.output {
        let written = flow.steps.indices.filter { flow.steps[$0].inputs.contains(buffer) }
        let read = flow.steps.indices.filter { flow.steps[$0].output == buffer }
        spans[buffer] = try #require(read.min())...#require(written.max())
      }
      for (one, span) in spans {
        for (other, otherSpan) in spans
        where one < other && flow.gradients[one] == flow.gradients[other] {
          #expect(!span.overlaps(otherSpan), "buffers \(one) and \(other) of \(blocks), \(norm)")
        }
      }
      #expect(flow.gradientFeatures.count < flow.features.count - 1 || blocks == [1])
    }
  }
}
