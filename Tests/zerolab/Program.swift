// The built program, as the tests start it.

import Foundation
import TestSupport
import Testing

/// The output of one execution of the program: its streams and its exit code.
struct Outcome {
  let output: String
  let errors: String
  let code: Int32
}

func zerolab(
  _ arguments: [String], in folder: URL, environment: [String: String?] = [:]
) throws -> Outcome {
  let process = Process()
  var variables = ProcessInfo.processInfo.environment
  for (name, value) in environment { variables[name] = value }
  process.environment = variables
  process.executableURL = Bundle.main.bundleURL.appendingPathComponent("zerolab")
  process.arguments = arguments
  process.currentDirectoryURL = folder
  // Files, not pipes: a pipe that nobody reads while waiting would fill up.
  let (output, errors) = (
    folder.appendingPathComponent(".out"), folder.appendingPathComponent(".err")
  )
  for file in [output, errors] { try Data().write(to: file) }
  process.standardOutput = try FileHandle(forWritingTo: output)
  process.standardError = try FileHandle(forWritingTo: errors)
  try process.run()
  process.waitUntilExit()
  return Outcome(
    output: String(decoding: try Data(contentsOf: output), as: UTF8.self),
    errors: try String(contentsOf: errors, encoding: .utf8), code: process.terminationStatus)
}

func withImages(_ body: (URL) throws -> Void) throws {
  try withTemporaryFolder { folder in
    let images = folder.appendingPathComponent("images")
    try FileManager.default.createDirectory(at: images, withIntermediateDirectories: true)
    try writeSmallDataset(to: images)
    try body(folder)
  }
}

/// Expects a command to end in one line on standard error, and in an exit code.
func expectOneLine(
  of arguments: [String], code: Int32, _ message: String, in folder: URL
) throws {
  let outcome = try zerolab(arguments, in: folder)
  #expect(outcome.code == code, "\(outcome.errors)")
  #expect(outcome.errors.contains(message), "\(outcome.errors)")
  // The argument parser adds a line of usage to its own errors.
  let lines = outcome.errors.split(separator: "\n").filter {
    !$0.hasPrefix("Usage:") && !$0.hasPrefix("  See ") && !$0.hasPrefix("Help:")
  }
  #expect(lines.count == 1, "\(outcome.errors)")
}
