// swift-tools-version: 6.3
//
// A separate package, so users of ZerOLab neither fetch nor build the dependencies of the benchmarks.

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "ZerOLab", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
  ],
  targets: [
    .systemLibrary(name: "CBLAS", pkgConfig: "openblas"),
    .executableTarget(
      name: "benchmarks",
      dependencies: [
        "CBLAS",
        .product(name: "ZerOLab", package: "ZerOLab"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
  ])
