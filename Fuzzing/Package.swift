// swift-tools-version: 6.3
//
// A separate package, because it must be linked with LLVM's libFuzzer. `--sanitize=fuzzer` makes the compiler link
// it. The variable ZEROLAB_FUZZING makes the package of the targets offer all of its modules; `make fuzz` sets it.

import PackageDescription

let package = Package(
  name: "Fuzzing",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "ZerOLab", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "ZerOLabInternals", package: "ZerOLab")],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ])
  ])
