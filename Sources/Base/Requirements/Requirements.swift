// Requirements on callers. Swift's `precondition` ends an optimized program without its message, so the caller of a
// release build sees no reason.

import Foundation

/// Ends the program with a message if a caller has not met a requirement, in debug and in release builds.
///
/// For defects of the calling code only; what files and options can contain throws an error instead.
///
/// - Parameters:
///   - condition: The requirement.
///   - message: What is wrong, with the values; evaluated only if the requirement is not met.
///   - file: The file of the requirement.
///   - line: The line of the requirement.
/// - Complexity: That of the condition.
@inlinable public func require(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { requirementFailure(message(), file: file, line: line) }
}

/// Ends the program with a message: a caller has not met a requirement.
///
/// - Parameters:
///   - message: What is wrong, with the values.
///   - file: The file of the requirement.
///   - line: The line of the requirement.
public func requirementFailure(
  _ message: String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
  FileHandle.standardError.write(Data("\(file):\(line): \(message)\n".utf8))
  preconditionFailure()
}
