// provenance.json: machine, program, data and dates of a run. Of these only the data and, in the last bits, the BLAS
// kernel and the C library influence the results.

public import Foundation
public import ZerOLinearAlgebra
public import ZerONetworks

/// Machine, program, data and dates of a run.
public struct Provenance: Codable, Equatable, Sendable {
  /// The training data.
  public struct Data: Codable, Equatable, Sendable {
    /// The name or folder in the plan.
    public let name: String

    /// SHA-256 of each stored file by its name.
    public let sha256: [String: String]

    /// The number of pixels, n_x.
    public let inputDimension: Int

    /// Channels, height and width of an image; `nil` in records of earlier versions.
    public let image: [Int]?

    /// The number of classes.
    public let classCount: Int

    /// The numbers of training and test images.
    public let counts: [Int]

    /// Makes a description.
    public init(
      name: String, sha256: [String: String], inputDimension: Int, image: [Int]? = nil,
      classCount: Int, counts: [Int]
    ) {
      self.name = name
      self.sha256 = sha256
      self.inputDimension = inputDimension
      self.image = image
      self.classCount = classCount
      self.counts = counts
    }

    /// Reads a description and checks its numbers, as untrusted input.
    ///
    /// - Throws: `DecodingError` for another form, or for impossible numbers.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      sha256 = try container.decode([String: String].self, forKey: .sha256)
      inputDimension = try container.decode(Int.self, forKey: .inputDimension)
      image = try container.decodeIfPresent([Int].self, forKey: .image)
      classCount = try container.decode(Int.self, forKey: .classCount)
      counts = try container.decode([Int].self, forKey: .counts)
      // Far above any data set, and far below arithmetic overflow.
      let possible = 1...1 << 40
      guard counts.count == 2,
        ([inputDimension, classCount] + counts).allSatisfy(possible.contains),
        image.map({ $0.count == 3 && $0.allSatisfy((1...1 << 20).contains) }) ?? true
      else {
        throw DecodingError.dataCorruptedError(
          forKey: .counts, in: container,
          debugDescription: "\(counts) images of \(inputDimension) pixels in \(classCount) classes")
      }
    }

    /// The size of the images as the input of a model.
    public var input: ValueShape {
      guard let image else { return ValueShape(units: max(1, inputDimension)) }
      return ValueShape(units: image[0], height: image[1], width: image[2])
    }

    private enum CodingKeys: String, CodingKey {
      case name, sha256, image, counts
      case inputDimension = "input_dimension"
      case classCount = "class_count"
    }
  }

  /// The commit of the program, with `-dirty` if a source file differed; "unknown" for a build outside a checkout.
  public let commit: String

  /// The Swift compiler's version.
  public let compiler: String

  /// The processor's model.
  public let processor: String

  /// The number of processor cores.
  public let cores: Int

  /// The BLAS library, as it describes itself.
  public let blasLibrary: String

  /// The BLAS kernel, which influences the last bits, and libxsmm's instruction set if it computes the products of training.
  public let blasKernel: String

  /// The threads of a matrix product according to the library.
  public let threads: Int

  /// The C library, whose logarithm and exponential the loss and random weights depend on.
  public let systemLibrary: String

  /// The training data.
  public let data: Data

  /// The start of the run.
  public let started: Date

  /// The end of the run, `nil` until then.
  public var ended: Date?

  /// A session that resumed the run.
  public struct Resumption: Codable, Equatable, Sendable {
    /// The date.
    public let date: Date

    /// The number of updates before it.
    public let iteration: Int

    /// The program's commit.
    public let commit: String

    /// The processor's model.
    public let processor: String

    /// The BLAS library, from here on.
    public let blasLibrary: String

    /// The BLAS kernel, from here on.
    public let blasKernel: String

    /// The C library, from here on.
    public let systemLibrary: String

    private enum CodingKeys: String, CodingKey {
      case date, iteration, commit, processor
      case blasLibrary = "blas_library"
      case blasKernel = "blas_kernel"
      case systemLibrary = "c_library"
    }
  }

  /// The sessions after the first; `nil` for an uninterrupted run.
  public private(set) var resumed: [Resumption]?

  /// BLAS library, BLAS kernel and C library of the latest session, which determine the last bits.
  public var arithmetic: String {
    resumed?.last.map { "\($0.blasLibrary), \($0.blasKernel), \($0.systemLibrary)" }
      ?? "\(blasLibrary), \(blasKernel), \(systemLibrary)"
  }

  /// Records that this process resumes the run.
  ///
  /// - Parameters:
  ///   - iteration: The number of updates so far.
  ///   - commit: The program's commit.
  ///   - date: The current time.
  ///   - products: The library of the products of training.
  public mutating func resume(
    at iteration: Int, commit: String, date: Date, products: ProductLibrary = .current
  ) {
    ended = nil
    let resumption = Resumption(
      date: date, iteration: iteration, commit: commit, processor: Machine.processor,
      blasLibrary: BLAS.library, blasKernel: products.kernel, systemLibrary: Machine.systemLibrary)
    resumed = (resumed ?? []) + [resumption]
  }

  /// Describes this machine and program.
  ///
  /// - Parameters:
  ///   - data: The training data.
  ///   - commit: The program's commit.
  ///   - started: The start of the run.
  ///   - products: The library of the products of training.
  public init(
    data: Data, commit: String, started: Date, products: ProductLibrary = .current
  ) {
    self.commit = commit
    compiler = Machine.compiler
    processor = Machine.processor
    cores = ProcessInfo.processInfo.activeProcessorCount
    blasLibrary = BLAS.library
    blasKernel = products.kernel
    threads = BLAS.threads
    systemLibrary = Machine.systemLibrary
    self.data = data
    self.started = started
  }

  private enum CodingKeys: String, CodingKey {
    case commit, compiler, processor, cores, threads, data, started, ended, resumed
    case blasLibrary = "blas_library"
    case blasKernel = "blas_kernel"
    case systemLibrary = "c_library"
  }
}

/// Properties of the machine and of the build, for provenance.
enum Machine {
  /// The version of the compiler; Swift allows only comparisons with it.
  static var compiler: String {
    #if compiler(>=6.4)
      "Swift 6.4 or later"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #else
      "Swift 6.2"
    #endif
  }

  /// The C library and its version.
  static var systemLibrary: String {
    #if canImport(Glibc)
      var name = [CChar](repeating: 0, count: 64)
      let length = unsafe confstr(Int32(_CS_GNU_LIBC_VERSION), &name, name.count)
      return String(
        decoding: name.prefix(max(0, length - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #else
      return "of the system, " + ProcessInfo.processInfo.operatingSystemVersionString
    #endif
  }

  /// The model of the processor according to the operating system.
  static var processor: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last?.trimmingCharacters(in: .whitespaces) ?? "unknown"
  }
}
