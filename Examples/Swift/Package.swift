// swift-tools-version: 6.3
// A package of one's own that uses ZerOLab: copy the folder, and give the dependency's path or address.

import PackageDescription

let package = Package(
  name: "OwnExperiment",
  dependencies: [.package(name: "ZerOLab", path: "../..")],
  targets: [
    .executableTarget(
      name: "OwnExperiment", dependencies: [.product(name: "ZerOLab", package: "ZerOLab")])
  ])
