// provenance.json: on what, with what and when a run was made. None of it may influence the result,
// except the BLAS kernel, which decides the last bits.

public import Foundation
import LinearAlgebra

/// Where a run's numbers come from.
public struct Provenance: Codable, Equatable, Sendable {
  /// The data that was read.
  public struct Data: Codable, Equatable, Sendable {
    /// The name or folder that was asked for.
    public let name: String

    /// SHA-256 of each file as stored, by file name.
    public let sha256: [String: String]

    /// The number of pixels, n_x.
    public let inputDimension: Int

    /// The number of classes.
    public let classCount: Int

    /// Training and test images.
    public let counts: [Int]

    /// Makes a description.
    public init(
      name: String, sha256: [String: String], inputDimension: Int, classCount: Int, counts: [Int]
    ) {
      self.name = name
      self.sha256 = sha256
      self.inputDimension = inputDimension
      self.classCount = classCount
      self.counts = counts
    }

    /// Reads a description; a file may say anything, so its numbers are checked.
    ///
    /// - Throws: `DecodingError` for another form, or for numbers that no data set has.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      name = try container.decode(String.self, forKey: .name)
      sha256 = try container.decode([String: String].self, forKey: .sha256)
      inputDimension = try container.decode(Int.self, forKey: .inputDimension)
      classCount = try container.decode(Int.self, forKey: .classCount)
      counts = try container.decode([Int].self, forKey: .counts)
      // Far beyond any data set, and far below where arithmetic overflows.
      let possible = 1...1 << 40
      guard counts.count == 2,
        ([inputDimension, classCount] + counts).allSatisfy(possible.contains)
      else {
        throw DecodingError.dataCorruptedError(
          forKey: .counts, in: container,
          debugDescription: "\(counts) images of \(inputDimension) pixels in \(classCount) classes")
      }
    }

    private enum CodingKeys: String, CodingKey {
      case name, sha256, counts
      case inputDimension = "input_dimension"
      case classCount = "class_count"
    }
  }

  /// The commit that the program was built from, with `-dirty` where a source was not the commit's; "unknown" for a
  /// program that was built outside a checkout.
  public let commit: String

  /// The Swift compiler's version.
  public let compiler: String

  /// The processor's model.
  public let processor: String

  /// The number of processor cores.
  public let cores: Int

  /// The BLAS library, as it describes itself.
  public let blasLibrary: String

  /// The BLAS kernel, on which the last bits depend.
  public let blasKernel: String

  /// Threads of a matrix product, as the library reports them.
  public let threads: Int

  /// The C library, whose logarithm and exponential the loss and random weights use.
  public let systemLibrary: String

  /// The data that was read.
  public let data: Data

  /// When the run began.
  public let started: Date

  /// When it ended, `nil` until then.
  public var ended: Date?

  /// A session that took up the run where another had left it.
  public struct Resumption: Codable, Equatable, Sendable {
    /// When.
    public let date: Date

    /// The updates that had been made.
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

  /// The sessions after the first; `nil` for a run in one piece.
  public private(set) var resumed: [Resumption]?

  /// What decided the last bits in the latest session: BLAS library and kernel, C library.
  public var arithmetic: String {
    resumed?.last.map { "\($0.blasLibrary), \($0.blasKernel), \($0.systemLibrary)" }
      ?? "\(blasLibrary), \(blasKernel), \(systemLibrary)"
  }

  /// Notes that the run goes on, here and now.
  ///
  /// - Parameters:
  ///   - iteration: The updates that have been made.
  ///   - commit: The program's commit.
  ///   - date: When.
  public mutating func resume(at iteration: Int, commit: String, date: Date) {
    ended = nil
    let resumption = Resumption(
      date: date, iteration: iteration, commit: commit, processor: Machine.processor,
      blasLibrary: BLAS.library, blasKernel: BLAS.kernel, systemLibrary: Machine.systemLibrary)
    resumed = (resumed ?? []) + [resumption]
  }

  /// Describes this machine and program.
  ///
  /// - Parameters:
  ///   - data: What is trained on.
  ///   - commit: The program's commit.
  ///   - started: When the run began.
  public init(data: Data, commit: String, started: Date) {
    self.commit = commit
    compiler = Machine.compiler
    processor = Machine.processor
    cores = ProcessInfo.processInfo.activeProcessorCount
    blasLibrary = BLAS.library
    blasKernel = BLAS.kernel
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
