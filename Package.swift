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

/// The folder of a target: its name without the prefix, which keeps the names of modules apart from those of other packages.
func folder(of target: String) -> String {
  target.hasPrefix("ZerO") ? String(target.dropFirst("ZerO".count)) : target
}

/// A folder of targets that may import each other and those of the floors below.
struct Floor {
  let name: String
  let targets: [Target]

  init(_ name: String, _ targets: [Target]) {
    self.name = name
    self.targets = targets
    for target in targets {
      target.path = "Sources/\(name)/\(folder(of: target.name))"
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
@MainActor func tests(
  of name: String, in path: String? = nil, uses: [Target.Dependency] = []
) -> Target {
  let floor = floors.first { $0.targets.contains { $0.name == name } }
  return .testTarget(
    name: "\(name)Tests", dependencies: [.target(name: name), "TestSupport"] + uses,
    path: path ?? "Tests/\(floor.map { $0.name + "/" } ?? "")\(folder(of: name))",
    swiftSettings: settings)
}

// MARK: The floors, lowest first

/// libxsmm makes code for x86-64 processors only.
#if os(Linux) && arch(x86_64)
  let smallProducts = [system("CXSMM", pkgConfig: "libxsmm", apt: "libxsmm-dev", brew: "libxsmm")]
#else
  let smallProducts: [Target] = []
#endif

/// Libraries of the operating system, found through pkg-config, and headers of the package's own for what Swift lacks.
let systemLibraries = Floor(
  "System",
  [
    system("COpenBLAS", pkgConfig: "openblas", apt: "libopenblas-dev", brew: "openblas"),
    system("CZip", pkgConfig: "libzip", apt: "libzip-dev", brew: "libzip"),
    system("CZlib", pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"),
    system("CDeflate", pkgConfig: "libdeflate", apt: "libdeflate-dev", brew: "libdeflate"),
    system("CSodium", pkgConfig: "libsodium", apt: "libsodium-dev", brew: "libsodium"),
    system("CCairo", pkgConfig: "cairo", apt: "libcairo2-dev", brew: "cairo"),
    system("CPNG", pkgConfig: "libpng", apt: "libpng-dev", brew: "libpng"),
    system(
      "CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev", brew: "jpeg-turbo"),
    .systemLibrary(name: "CMalloc"),  // a part of the C library
    .systemLibrary(name: "CVectors"),  // a header alone
  ] + smallProducts)

let floors = [
  Floor(
    "Base",
    [
      module("ZerORequirements"),
      module("ZerOMessages", uses: ["ZerORequirements"]),
      module("ZerONamePatterns", uses: ["ZerOMessages"]),
      module("ZerOResources"),
      module("ZerODurableFiles"),
      module("ZerOChecksums", uses: ["CDeflate", "CSodium", "CZlib"], computes: true),
      module("ZerOArrayFiles", uses: ["CZip"], computes: true),
      module("ZerORandomness", uses: ["ZerORequirements"], computes: true),
      module("ZerOParallelism", uses: ["ZerORequirements"], computes: true),
      module("ZerOFigures", uses: ["CCairo", "ZerORequirements"]),
    ]),
  Floor(
    "Numerics",
    [
      module(
        "ZerOLinearAlgebra",
        uses: smallProducts.map { .target(name: $0.name) } + [
          "CMalloc", "COpenBLAS", "ZerOParallelism", "ZerORequirements",
        ],
        computes: true),
      module(
        "ZerOSpectra", uses: ["ZerOLinearAlgebra", "ZerOParallelism", "ZerORequirements"],
        computes: true),
    ]),
  Floor(
    "Learning",
    [
      module(
        "ZerODatasets",
        uses: [
          "CPNG", "CTurboJPEG", "CZlib", "ZerOArrayFiles", "ZerOChecksums", "ZerOLinearAlgebra",
          "ZerOMessages", "ZerOParallelism", "ZerORandomness", "ZerOResources", "ZerORequirements",
        ],
        resources: [.copy("FashionMNIST"), .copy("MNIST")], computes: true),
      module(
        "ZerOInitializers",
        uses: ["ZerOLinearAlgebra", "ZerORandomness", "ZerOMessages", "ZerORequirements"],
        computes: true),
      module(
        "ZerONetworks",
        uses: [
          "ZerOInitializers", "ZerOLinearAlgebra", "ZerOParallelism", "ZerORandomness",
          "ZerORequirements",
        ],
        computes: true),
      module(
        "ZerOOptimizers", uses: ["CVectors", "ZerOLinearAlgebra", "ZerORequirements"],
        computes: true),
      module(
        "ZerOSymmetry",
        uses: ["ZerOLinearAlgebra", "ZerONetworks", "ZerOParallelism", "ZerORequirements"],
        computes: true),
      module(
        "ZerOTraining",
        uses: [
          "ZerONamePatterns",
          "ZerODatasets", "ZerOInitializers", "ZerOLinearAlgebra", "ZerOMessages", "ZerONetworks",
          "ZerOOptimizers", "ZerOParallelism", "ZerORandomness", "ZerORequirements",
        ], computes: true),
      module(
        "ZerOMeasurements",
        uses: [
          "ZerOInitializers", "ZerOLinearAlgebra", "ZerOMessages",
          "ZerONetworks", "ZerOParallelism", "ZerOSpectra",
          "ZerOSymmetry",
        ],
        computes: true),
    ]),
  Floor(
    "Models",
    [
      module(
        "ZerOCheckpoints",
        uses: [
          "ZerONamePatterns",
          "ZerOArrayFiles", "ZerOChecksums", "ZerODurableFiles", "ZerOLinearAlgebra",
          "ZerOMessages",
          "ZerOParallelism", "ZerORequirements",
        ], computes: true),
      module(
        "ZerOReinitialization",
        uses: [
          "ZerONamePatterns",
          "ZerOCheckpoints", "ZerOInitializers", "ZerOLinearAlgebra", "ZerOMessages",
          "ZerORandomness", "ZerORequirements",
        ]),
      module(
        "ZerOInspection",
        uses: [
          "ZerONamePatterns",
          "ZerOCheckpoints", "ZerOInitializers", "ZerOLinearAlgebra", "ZerOMessages",
          "ZerOParallelism", "ZerORandomness",
          "ZerOSpectra", "ZerORequirements",
        ], computes: true),
      module(
        "ZerOSeries",
        uses: [
          "ZerONamePatterns",
          "ZerOCheckpoints", "ZerOChecksums", "ZerODurableFiles", "ZerOInspection",
          "ZerOLinearAlgebra", "ZerOMessages",
          "ZerOParallelism", "ZerOSpectra",
        ]),
    ]),
  Floor(
    "Lab",
    [
      module(
        "ZerORecords",
        uses: [
          "ZerOChecksums", "ZerODurableFiles", "ZerOLinearAlgebra", "ZerOMessages", "ZerONetworks",
          "ZerOTraining",
        ]),
      module(
        "ZerOEventFiles",
        uses: [
          "ZerOChecksums", "ZerOFigures", "ZerOMeasurements", "ZerOMessages", "ZerORecords",
          "ZerOSeries", "ZerOTraining",
        ]),
      module(
        "ZerOExperiments",
        uses: [
          "ZerOInitializers", "ZerOMeasurements", "ZerOMessages", "ZerOResources", "ZerOTraining",
          .product(name: "Yams", package: "Yams"), "ZerORequirements",
        ],
        resources: [.copy("BuiltIn")]),
      module(
        "ZerOExecution",
        uses: [
          "ZerOCheckpoints", "ZerOChecksums", "ZerODatasets", "ZerOEventFiles", "ZerOExperiments",
          "ZerOInitializers",
          "ZerOLinearAlgebra", "ZerOMeasurements", "ZerONetworks", "ZerOOptimizers",
          "ZerOParallelism", "ZerORecords", "ZerOSpectra", "ZerOSymmetry", "ZerOTraining",
        ]),
      module(
        "ZerOClusters",
        uses: [
          "ZerOChecksums", "ZerODatasets", "ZerOExecution", "ZerOExperiments", "ZerOMessages",
          "ZerORecords", "ZerOTraining", "ZerORequirements",
        ]),
    ]),
  Floor(
    "Display",
    [
      module(
        "ZerOReports",
        uses: [
          "ZerONamePatterns",
          "ZerOCheckpoints", "ZerOEventFiles", "ZerOExperiments", "ZerOFigures", "ZerOInspection",
          "ZerOLinearAlgebra",
          "ZerOMessages", "ZerONetworks", "ZerORecords", "ZerOReinitialization", "ZerOResources",
          "ZerOSeries",
          "ZerOSpectra", "ZerOTraining",
          .product(name: "Mustache", package: "swift-mustache"),
        ],
        resources: [.copy("Page")]),
      module(
        "ZerOTerminal",
        uses: [
          "ZerODatasets", "ZerOExecution", "ZerOExperiments", "ZerOLinearAlgebra", "ZerOMessages",
          "ZerONetworks",
          "ZerOParallelism", "ZerORecords", "ZerOReports", "ZerOSymmetry", "ZerOTraining",
        ]),
    ]),
]

let modules = floors.flatMap(\.targets)

/// The module that packages import: it re-exports what they need.
let library = Target.target(
  name: "ZerOLab",
  dependencies: [
    "ZerONamePatterns", "ZerOCheckpoints", "ZerODatasets", "ZerOExecution", "ZerOExperiments",
    "ZerOInitializers",
    "ZerOInspection", "ZerOLinearAlgebra", "ZerOMeasurements", "ZerONetworks", "ZerOOptimizers",
    "ZerOParallelism", "ZerORandomness", "ZerORecords", "ZerOReinitialization", "ZerOReports",
    "ZerOSeries",
    "ZerOSpectra", "ZerOSymmetry", "ZerOTraining",
  ],
  path: "Sources/Library", swiftSettings: settings)

let command = Target.executableTarget(
  name: "ZerOCommand",
  dependencies: [
    "ZerONamePatterns", "ZerOCheckpoints", "ZerOClusters", "ZerODatasets", "ZerOExecution",
    "ZerOExperiments",
    "ZerOFigures", "ZerOInitializers",
    "ZerOInspection", "ZerOLinearAlgebra", "ZerOMeasurements", "ZerOMessages", "ZerOOptimizers",
    "ZerONetworks",
    "ZerOParallelism",
    "ZerORandomness", "ZerORecords", "ZerOReinitialization", "ZerOReports", "ZerOSeries",
    "ZerOSpectra", "ZerOTerminal",
    "ZerOTraining",
    .product(name: "ArgumentParser", package: "swift-argument-parser"),
  ],
  path: "Sources/zerolab", swiftSettings: settings, plugins: ["RecordCommit"])

/// The benchmarks, which no library product contains.
let benchmarks = Target.executableTarget(
  name: "benchmarks",
  dependencies: [
    "COpenBLAS", "ZerODatasets", "ZerOInitializers", "ZerOLinearAlgebra", "ZerONetworks",
    "ZerOOptimizers", "ZerOParallelism",
    "ZerORandomness", "ZerOSpectra", "ZerOTraining",
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
  tests(of: "ZerORequirements"),
  tests(of: "ZerOMessages"),
  tests(of: "ZerONamePatterns"),
  tests(of: "ZerOResources", uses: ["ZerODatasets", "ZerOExperiments"]),
  tests(of: "ZerORandomness"),
  tests(of: "ZerOParallelism"),
  tests(of: "ZerOLinearAlgebra", uses: ["ZerOParallelism"]),
  tests(of: "ZerOSpectra", uses: ["ZerOLinearAlgebra", "ZerOParallelism"]),
  tests(of: "ZerOChecksums"),
  tests(of: "ZerODatasets", uses: ["ZerOChecksums", "ZerOLinearAlgebra", "ZerORandomness"]),
  tests(of: "ZerOInitializers", uses: ["ZerOLinearAlgebra", "ZerORandomness"]),
  tests(of: "ZerOOptimizers", uses: ["ZerOLinearAlgebra"]),
  tests(
    of: "ZerONetworks",
    uses: ["ZerOInitializers", "ZerOLinearAlgebra", "ZerOParallelism", "ZerORandomness"]),
  tests(
    of: "ZerOSymmetry",
    uses: [
      "ZerODatasets", "ZerOInitializers", "ZerOLinearAlgebra", "ZerONetworks", "ZerOParallelism",
      "ZerORandomness",
      "ZerOSpectra", "ZerOTraining",
    ]),
  tests(
    of: "ZerOTraining",
    uses: [
      "ZerODatasets", "ZerOInitializers", "ZerOLinearAlgebra", "ZerONetworks", "ZerOOptimizers",
      "ZerORandomness", "ZerOSpectra",
    ]),
  tests(
    of: "ZerOMeasurements",
    uses: [
      "ZerOInitializers", "ZerOLinearAlgebra", "ZerONetworks", "ZerOOptimizers", "ZerOTraining",
      "ZerOParallelism", "ZerORandomness", "ZerOSpectra", "ZerOSymmetry",
    ]),
  tests(
    of: "ZerOCheckpoints",
    uses: ["ZerOArrayFiles", "ZerOChecksums", "ZerOLinearAlgebra", "ZerOParallelism"]),
  tests(
    of: "ZerOInspection",
    uses: [
      "ZerOCheckpoints", "ZerOInitializers", "ZerOLinearAlgebra", "ZerONamePatterns",
      "ZerOParallelism", "ZerORandomness", "ZerOSpectra",
    ]),
  tests(
    of: "ZerOSeries",
    uses: [
      "ZerOCheckpoints", "ZerOInspection", "ZerOLinearAlgebra", "ZerONamePatterns",
      "ZerOParallelism", "ZerOSpectra",
    ]),
  tests(
    of: "ZerOReinitialization",
    uses: ["ZerOCheckpoints", "ZerOInitializers", "ZerOLinearAlgebra", "ZerORandomness"]),
  tests(of: "ZerODurableFiles"),
  tests(of: "ZerORecords", uses: ["ZerOLinearAlgebra", "ZerOTraining"]),
  tests(
    of: "ZerOEventFiles",
    uses: [
      "ZerOFigures", "ZerOLinearAlgebra", "ZerORecords", "ZerOSeries", "ZerOSpectra",
      "ZerOTraining",
    ]),
  tests(of: "ZerOExperiments", uses: ["ZerOTraining"]),
  tests(
    of: "ZerOExecution",
    uses: [
      "ZerOCheckpoints", "ZerOChecksums", "ZerODatasets", "ZerOExperiments", "ZerOLinearAlgebra",
      "ZerONetworks",
      "ZerOParallelism", "ZerORecords", "ZerOSymmetry", "ZerOTraining",
    ]),
  tests(of: "ZerOClusters", uses: ["ZerORecords", "ZerOTraining"]),
  tests(
    of: "ZerOTerminal",
    uses: [
      "ZerODatasets", "ZerOExecution", "ZerOExperiments", "ZerOLinearAlgebra", "ZerOMessages",
      "ZerONetworks",
      "ZerOParallelism", "ZerORecords",
      "ZerOReports", "ZerOSymmetry", "ZerOTraining",
    ]),
  tests(of: "ZerOFigures"),
  tests(
    of: "ZerOReports",
    uses: [
      "ZerONamePatterns", "ZerOCheckpoints", "ZerOExperiments", "ZerOFigures", "ZerOLinearAlgebra",
      "ZerOMessages",
      "ZerORecords", "ZerOSeries",
      "ZerOSpectra", "ZerOTraining",
    ]),
  tests(
    of: "ZerOCommand", in: "Tests/zerolab",
    uses: [
      "ZerOCheckpoints", "ZerOExperiments", "ZerOLinearAlgebra", "ZerOMessages", "ZerORecords",
      "ZerOReports", "ZerOTraining",
    ]),
]

/// All modules, for the fuzzing targets, which call readers that the library does not export.
let internals: [Product] =
  Context.environment["ZEROLAB_FUZZING"] == "1"
  ? [.library(name: "ZerOLabInternals", targets: modules.map(\.name))] : []

let package = Package(
  name: "ZerOLab",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "ZerOLab", targets: ["ZerOLab"]),
    .executable(name: "zerolab", targets: ["ZerOCommand"]),
  ] + internals,
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: systemLibraries.targets + modules + [library, command, benchmarks, recordCommit]
    + testTargets)
