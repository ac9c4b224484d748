// swift-tools-version: 6.3
//
// The list of targets is the architecture. Each floor is a folder of `Sources` and of `Tests`; a target
// may import targets of its own floor and of the floors below, and only those that it lists. `make test`
// builds with the explicit import check, and `Scripts/architecture.py` checks the floors.

import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A folder of targets that may import each other and those of the floors below.
struct Floor {
  let name: String
  let targets: [Target]

  init(_ name: String, _ targets: [Target]) {
    self.name = name
    self.targets = targets
    for target in targets {
      target.path = "Sources/\(name)/\(target.name)"
    }
  }
}

/// Optimization of the targets that compute, also in debug builds.
///
/// Preconditions stay active. Only `make test` sets the variable, because a package with unsafe flags cannot
/// be a dependency.
let computing: [SwiftSetting] =
  Context.environment["ZEROLAB_OPTIMIZED_TESTS"] == "1" ? [.unsafeFlags(["-O"])] : []

/// A library target of the package.
func module(
  _ name: String, uses: [Target.Dependency] = [], resources: [Resource]? = nil,
  computes: Bool = false
) -> Target {
  .target(
    name: name, dependencies: uses, resources: resources,
    swiftSettings: computes ? settings + computing : settings)
}

/// A C library of the operating system, found through pkg-config.
func system(_ name: String, pkgConfig: String, apt: String, brew: String) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
}

/// The tests of one target, in the folder of `Tests` that has the place of the target's in `Sources`.
@MainActor func tests(of name: String, uses: [Target.Dependency] = []) -> Target {
  let floor = floors.first { $0.targets.contains { $0.name == name } }
  return .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + uses,
    path: (["Tests"] + (floor.map { [$0.name] } ?? []) + [name]).joined(separator: "/"),
    swiftSettings: settings)
}

// MARK: The floors, lowest first

/// Libraries of the operating system, found through pkg-config.
let systemLibraries = Floor(
  "System",
  [
    system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev", brew: "openblas"),
    system("CZip", pkgConfig: "libzip", apt: "libzip-dev", brew: "libzip"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
    system("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev", brew: "libsodium"),
    system("CCairo", pkgConfig: "cairo", apt: "libcairo2-dev", brew: "cairo"),
    .systemLibrary(name: "CMalloc"),  // a part of the C library
  ])

let floors = [
  Floor(
    "Base",
    [
      module("Messages"),
      module("Resources"),
      module("DurableFiles"),
      module("Checksums", uses: ["CSodium", "CZlib"], computes: true),
      module("Randomness", computes: true),
      module("Parallelism", computes: true),
      module("Figures", uses: ["CCairo"]),
    ]),
  Floor(
    "Numerics",
    [
      module("LinearAlgebra", uses: ["CMalloc", "COpenBLAS", "Parallelism"], computes: true),
      module("Spectra", uses: ["LinearAlgebra", "Parallelism"], computes: true),
    ]),
  Floor(
    "Learning",
    [
      module(
        "Datasets",
        uses: [
          "CZlib", "Checksums", "LinearAlgebra", "Messages", "Parallelism", "Randomness",
          "Resources",
        ],
        resources: [.copy("FashionMNIST"), .copy("MNIST")], computes: true),
      module("Initializers", uses: ["LinearAlgebra", "Randomness", "Messages"], computes: true),
      module(
        "Networks", uses: ["Initializers", "LinearAlgebra", "Parallelism", "Randomness"],
        computes: true),
      module("Symmetry", uses: ["LinearAlgebra", "Networks", "Parallelism"], computes: true),
      module(
        "Training",
        uses: [
          "Datasets", "Initializers", "LinearAlgebra", "Networks", "Parallelism", "Randomness",
        ], computes: true),
      module(
        "Measurements",
        uses: ["LinearAlgebra", "Messages", "Networks", "Parallelism", "Spectra", "Symmetry"],
        computes: true),
    ]),
  Floor(
    "Models",
    [
      module(
        "Checkpoints",
        uses: [
          "CZip", "Checksums", "DurableFiles", "LinearAlgebra", "Messages", "Parallelism",
        ], computes: true),
      module(
        "Reinitialization",
        uses: ["Checkpoints", "Initializers", "LinearAlgebra", "Messages", "Randomness"]),
      module(
        "Inspection",
        uses: [
          "Checkpoints", "Initializers", "LinearAlgebra", "Messages", "Parallelism", "Randomness",
          "Spectra",
        ], computes: true),
      module(
        "Series",
        uses: [
          "Checkpoints", "Checksums", "DurableFiles", "Inspection", "LinearAlgebra", "Messages",
          "Parallelism", "Spectra",
        ]),
    ]),
  Floor(
    "Lab",
    [
      module(
        "Records", uses: ["Checksums", "DurableFiles", "LinearAlgebra", "Messages", "Training"]),
      module(
        "EventFiles",
        uses: [
          "Checksums", "Figures", "Measurements", "Messages", "Records", "Series", "Training",
        ]),
      module(
        "Experiments",
        uses: [
          "Initializers", "Measurements", "Messages", "Resources", "Training",
          .product(name: "Yams", package: "Yams"),
        ],
        resources: [.copy("BuiltIn")]),
      module(
        "Execution",
        uses: [
          "Checkpoints", "Checksums", "Datasets", "EventFiles", "Experiments", "Initializers",
          "LinearAlgebra", "Measurements", "Networks", "Parallelism", "Records", "Spectra",
          "Symmetry", "Training",
        ]),
      module(
        "Clusters",
        uses: [
          "Checksums", "Datasets", "Execution", "Experiments", "Messages", "Records", "Training",
        ]),
    ]),
  Floor(
    "Display",
    [
      module(
        "Reports",
        uses: [
          "Checkpoints", "EventFiles", "Experiments", "Figures", "Inspection", "LinearAlgebra",
          "Messages", "Records", "Reinitialization", "Resources", "Series", "Spectra", "Training",
          .product(name: "Mustache", package: "swift-mustache"),
        ],
        resources: [.copy("Page")]),
      module(
        "Terminal",
        uses: [
          "Datasets", "Execution", "Experiments", "LinearAlgebra", "Messages", "Networks",
          "Parallelism", "Records", "Reports", "Symmetry", "Training",
        ]),
    ]),
]

let modules = floors.flatMap(\.targets)

let command = Target.executableTarget(
  name: "zerolab",
  dependencies: [
    "Checkpoints", "Clusters", "Datasets", "Execution", "Experiments", "Figures", "Initializers",
    "Inspection", "LinearAlgebra", "Measurements", "Messages", "Networks", "Parallelism",
    "Randomness", "Records", "Reinitialization", "Reports", "Series", "Spectra", "Terminal",
    "Training",
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
  ],
  swiftSettings: settings, plugins: ["RecordCommit"])

/// The benchmarks, which no library product contains.
let benchmarks = Target.executableTarget(
  name: "benchmarks",
  dependencies: [
    "COpenBLAS", "Datasets", "Initializers", "LinearAlgebra", "Networks", "Parallelism",
    "Randomness", "Spectra", "Training",
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
  ],
  path: "Benchmarks/Sources", swiftSettings: settings)

/// The commit that the command line was built from, in its code.
let recordCommit = Target.plugin(name: "RecordCommit", capability: .buildTool())

// MARK: Tests

let testTargets = [
  Target.target(
    name: "TestSupport", path: "Tests/TestSupport", resources: [.copy("Golden")],
    swiftSettings: settings),
  tests(of: "Messages"),
  tests(of: "Resources", uses: ["Datasets", "Experiments"]),
  tests(of: "Randomness"),
  tests(of: "Parallelism"),
  tests(of: "LinearAlgebra", uses: ["Parallelism"]),
  tests(of: "Spectra", uses: ["LinearAlgebra", "Parallelism"]),
  tests(of: "Checksums"),
  tests(of: "Datasets", uses: ["Checksums", "LinearAlgebra", "Randomness"]),
  tests(of: "Initializers", uses: ["LinearAlgebra", "Randomness"]),
  tests(of: "Networks", uses: ["Initializers", "LinearAlgebra", "Randomness"]),
  tests(
    of: "Symmetry",
    uses: [
      "Datasets", "Initializers", "LinearAlgebra", "Networks", "Parallelism", "Randomness",
      "Spectra", "Training",
    ]),
  tests(
    of: "Training",
    uses: ["Datasets", "Initializers", "LinearAlgebra", "Networks", "Randomness", "Spectra"]),
  tests(
    of: "Measurements",
    uses: ["Initializers", "LinearAlgebra", "Networks", "Randomness", "Spectra"]),
  tests(of: "Checkpoints", uses: ["Checksums", "LinearAlgebra", "Parallelism"]),
  tests(
    of: "Inspection",
    uses: [
      "Checkpoints", "Initializers", "LinearAlgebra", "Parallelism", "Randomness", "Spectra",
    ]),
  tests(
    of: "Series", uses: ["Checkpoints", "Inspection", "LinearAlgebra", "Parallelism", "Spectra"]),
  tests(
    of: "Reinitialization", uses: ["Checkpoints", "Initializers", "LinearAlgebra", "Randomness"]),
  tests(of: "DurableFiles"),
  tests(of: "Records", uses: ["LinearAlgebra", "Training"]),
  tests(
    of: "EventFiles",
    uses: ["Figures", "LinearAlgebra", "Records", "Series", "Spectra", "Training"]),
  tests(of: "Experiments", uses: ["Training"]),
  tests(
    of: "Execution",
    uses: [
      "Checkpoints", "Checksums", "Datasets", "Experiments", "LinearAlgebra", "Networks",
      "Parallelism", "Records", "Symmetry", "Training",
    ]),
  tests(of: "Clusters", uses: ["Records", "Training"]),
  tests(
    of: "Terminal",
    uses: [
      "Datasets", "Execution", "Experiments", "LinearAlgebra", "Messages", "Parallelism", "Records",
      "Reports", "Symmetry", "Training",
    ]),
  tests(of: "Figures"),
  tests(
    of: "Reports",
    uses: [
      "Checkpoints", "Experiments", "Figures", "LinearAlgebra", "Messages", "Records", "Series",
      "Spectra", "Training",
    ]),
  tests(
    of: "zerolab",
    uses: [
      "Checkpoints", "Experiments", "LinearAlgebra", "Messages", "Records", "Reports", "Training",
    ]),
]

let package = Package(
  name: "ZerOLab",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "ZerOLab", targets: modules.map(\.name)),
    .executable(name: "zerolab", targets: ["zerolab"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: systemLibraries.targets + modules + [command, benchmarks, recordCommit] + testTargets)
