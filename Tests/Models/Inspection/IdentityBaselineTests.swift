// `identity` as a baseline of matrices and convolutions.

import Foundation
import TestSupport
import Testing
import ZerOCheckpoints
import ZerOInitializers
import ZerOInspection
import ZerOParallelism
import ZerOSpectra

@Suite struct IdentityBaselineTests {
  @Test func `the identity of a kernel is at its center tap, under either name`() async throws {
    let kernel = KernelShape(outputs: 16, inputs: 16, kernelSize: [3, 3])
    let values = ContiguousArray(
      (0..<16 * 16 * 9).map { index -> Float in
        let (output, input, tap) = (index / 144, index / 9 % 16, index % 9)
        return output == input && tap == kernel.centerTap ? 1 : 0
      })
    let bytes = try Safetensors.encode([
      NamedTensor(name: "kernel", shape: kernel.dimensions, values: values),
      NamedTensor(name: "dense", shape: [2, 3], values: [1, 0, 0, 0, 1, 0]),
    ])
    try await withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("m.safetensors")
      try Data(bytes).write(to: url)
      for name in ["identity", "Partial_Identity"] {
        let inspection = try await CheckpointInspection(
          try TensorArchive(url.path), TensorSelection(),
          InspectionSettings(baseline: try Baseline(name)), on: WorkerPool(threads: 1))
        #expect(inspection.tensors.map { $0.findings?.rank.rank } == [0, 0], "\(name)")
        #expect(inspection.settings.baseline.description == "W - I")
        // For a dense layer, the transposed identity is the identity of the transposed shape; for a
        // kernel it isn't.
        #expect(inspection.tensors.map(inspection.dependsOnLayout) == [false, true], "\(name)")
      }
    }
  }
}
