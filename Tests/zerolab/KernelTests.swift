// Which kernel of BLAS the program runs on.

import Foundation
import TestSupport
import Testing
import ZerOLinearAlgebra

#if arch(x86_64) && os(Linux)
  @Suite(.enabled(if: BLAS.library.contains("DYNAMIC_ARCH"))) struct KernelTests {
    /// The kernel that a run's records name.
    private func kernel(choice: String?) throws -> String? {
      var found: String?
      try withImages { folder in
        let outcome = try zerolab(
          ["train", "--init", "ZerO", "--width", "8", "--data", "images", "--out", "runs"],
          in: folder, environment: ["OPENBLAS_CORETYPE": choice])
        #expect(outcome.code == 0, "\(outcome.errors)")
        let runs = folder.appendingPathComponent("runs")
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).first)
        let file = runs.appendingPathComponent(run).appendingPathComponent("provenance.json")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
        found = (json as? [String: Any])?["blas_kernel"] as? String
      }
      return found
    }

    @Test func `a user's choice is kept`() throws {
      #expect(try kernel(choice: "Prescott") == "Prescott")
    }

    @Test func `a processor with AVX2 has no kernel without`() throws {
      let features = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      guard features.contains(" avx2 "), features.contains(" fma ") else { return }
      let found = try #require(try kernel(choice: nil))
      #expect(found != "Prescott")
    }
  }
#endif
