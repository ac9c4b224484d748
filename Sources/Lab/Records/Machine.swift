// Processor, C library and compiler.

import Foundation

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
