// Seeds as they are typed.

import ArgumentParser

enum Seed {
  /// A seed, where the type's own parser would say no more of -1 than that it is invalid.
  static func parse(_ text: String) throws -> UInt64 {
    guard let seed = UInt64(text) else {
      throw ValidationError("it must be 0 to \(UInt64.max)")
    }
    return seed
  }
}
