// A local web server for tests of downloads.

package import Foundation

/// Python's built-in web server on a free port of the loopback address.
package enum LocalServer {
  /// Serves a folder while the body runs.
  ///
  /// - Parameters:
  ///   - folder: The folder to serve.
  ///   - body: Receives the address of the server.
  /// - Throws: `ServerDidNotStart`, or the error of the body.
  package static func serving(_ folder: URL, _ body: (String) async throws -> Void) async throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", folder.path,
    ]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer {
      // Not SIGTERM: the child inherits this thread's signal mask, which may block it.
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    // "Serving HTTP on 127.0.0.1 port 12345 (http://127.0.0.1:12345/) ..."
    var greeting = ""
    while !greeting.contains("\n") {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { throw ServerDidNotStart() }
      greeting += String(decoding: data, as: UTF8.self)
    }
    let words = greeting.split(separator: " ")
    guard let index = words.firstIndex(of: "port"), index + 1 < words.count else {
      throw ServerDidNotStart()
    }
    try await body("http://127.0.0.1:\(words[index + 1])")
  }

  /// The error for a missing Python or unexpected output of its server.
  package struct ServerDidNotStart: Error {}
}
