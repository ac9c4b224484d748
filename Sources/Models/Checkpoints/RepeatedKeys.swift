// What JSON allows, decoders pass over, and no honest file has.

import Foundation

/// The first key that stands twice in one object.
///
/// - Parameter json: Valid JSON; it has been decoded.
/// - Returns: The key, or `nil`.
func firstRepeatedKey(inJSON json: ArraySlice<UInt8>) -> String? {
  var keys: [Set<String>] = []  // of each object that is open; arrays have an empty one
  var lastString: ArraySlice<UInt8> = []
  var position = json.startIndex
  while position < json.endIndex {
    switch json[position] {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      keys.append([])
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      _ = keys.popLast()
    case UInt8(ascii: "\""):
      let start = position
      position += 1
      while position < json.endIndex, json[position] != UInt8(ascii: "\"") {
        position += json[position] == UInt8(ascii: "\\") ? 2 : 1
      }
      lastString = json[start...min(position, json.endIndex - 1)]
    case UInt8(ascii: ":"):
      // Escapes can spell one key in several ways.
      let isPlain = !lastString.contains(UInt8(ascii: "\\"))
      let key =
        isPlain
        ? String(decoding: lastString.dropFirst().dropLast(), as: UTF8.self)
        : (try? JSONDecoder().decode(String.self, from: Data(lastString))) ?? ""
      if !keys.isEmpty, !keys[keys.count - 1].insert(key).inserted { return key }
    default:
      break
    }
    position += 1
  }
  return nil
}
