// Reading a whole file, or saying why not.

import Foundation
import Messages

/// Reads a file whole, with the operating system's reason when it can't.
func readFile(_ url: URL) throws(DatasetError) -> [UInt8] {
  do {
    return [UInt8](try Data(contentsOf: url))
  } catch {
    throw .unreadable(path: url.path, reason: systemReason(of: error))
  }
}
