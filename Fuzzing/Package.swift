// swift-tools-version: 6.3
//
// A separate package, because it must be linked with LLVM's libFuzzer. `--sanitize=fuzzer` makes the compiler link
// it.

import PackageDescription

let package = Package(
  name: "Fuzzing",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "ZerOLab", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "ZerOLab", package: "ZerOLab")],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ])
  ])
