import Foundation
import Testing
import ZerOResources

@Suite struct ResourceFolderTests {
  @Test(arguments: [
    ("Datasets", "MNIST/SHA256SUMS"), ("Experiments", "BuiltIn/figure_3_left.yaml"),
  ])
  func `the resources of a target are found`(target: String, file: String) {
    let url = resourceFolder(of: target).appendingPathComponent(file)
    #expect(FileManager.default.fileExists(atPath: url.path))
  }

  @Test func `missing resources give the expected folder`() {
    #expect(resourceFolder(of: "Nothing").lastPathComponent == "ZerOLab_ZerONothing.resources")
  }
}
