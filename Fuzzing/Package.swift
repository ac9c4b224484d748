// swift-tools-version: 6.3
//
// A package of its own: it links only with LLVM's libFuzzer, which the compiler brings along when it is asked
// for with `--sanitize=fuzzer`.

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
