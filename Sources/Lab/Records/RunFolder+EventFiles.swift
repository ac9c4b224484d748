// TensorBoard's files in a run's folder, one per session.

public import Foundation

extension RunFolder {
  private static let eventFilePrefix = "events.out.tfevents."

  /// The event files, in the order of their sessions.
  public var eventFiles: [URL] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
    return names.filter { $0.hasPrefix(Self.eventFilePrefix) }.sorted().map(file)
  }

  /// The event file of the next session, ordered after all others even if the clock was set back.
  ///
  /// - Parameter date: The current time.
  /// - Returns: A new file, for example `events.out.tfevents.1763190000.zerolab`.
  public func nextEventFile(at date: Date) -> URL {
    let earlier = eventFiles.compactMap { file in
      Int(file.lastPathComponent.dropFirst(Self.eventFilePrefix.count).prefix { $0 != "." })
    }
    let number = max(Int(date.timeIntervalSince1970), 1 + (earlier.max() ?? 0))
    // With ten digits the order of names is the order of numbers.
    let digits = String(number)
    let zeros = String(repeating: "0", count: max(0, 10 - digits.count))
    return file("\(Self.eventFilePrefix)\(zeros)\(digits).zerolab")
  }

  /// Removes all event files.
  ///
  /// - Throws: `RecordError.unwritable`.
  func removeEventFiles() throws(RecordError) {
    for url in eventFiles { try remove(url) }
  }
}
