// Causes of a failure, in a few words, for error messages that quote them.

public import Foundation

/// The operating system's description of an error, without Foundation's wrapping.
///
/// - Parameter error: An error thrown by Foundation.
/// - Returns: For example `No space left on device`. For an error without an `errno` code, Foundation's own
///   description.
public func systemReason(of error: any Error) -> String {
  let underlying = (error as? CocoaError)?.underlying ?? error
  let code = (underlying as? POSIXError)?.code.rawValue
  let bridged = underlying as NSError
  guard let code = code ?? (bridged.domain == NSPOSIXErrorDomain ? Int32(bridged.code) : nil) else {
    return error.localizedDescription
  }
  return unsafe String(cString: strerror(code))
}

/// The defect of JSON text that could not be decoded, and its location.
///
/// - Parameters:
///   - error: The error that `JSONDecoder` threw.
///   - data: The JSON text.
/// - Returns: For example `the key 'rank' is missing`, `'loss' is a string, not a number`, or, for text that is not
///   JSON, `not JSON: Unexpected end of file during JSON parse`.
public func jsonReason(of error: any Error, in data: Data) -> String {
  guard let error = error as? DecodingError else { return systemReason(of: error) }
  let (context, text): (DecodingError.Context, String)
  switch error {
  case .keyNotFound(let key, let found):
    return "the key '\(path(found.codingPath + [key]))' is missing"
  case .valueNotFound(let type, let found):
    return "\(subject(found.codingPath)) is null, not \(kind(of: type))"
  case .typeMismatch(let type, let found):
    if let word = found.debugDescription.firstMatch(of: /but found (.*) instead/)?.1 {
      let article = word.hasPrefix("a ") || word.hasPrefix("an ") ? "" : "a "
      return "\(subject(found.codingPath)) is \(article)\(word), not \(kind(of: type))"
    }
    (context, text) = (found, found.debugDescription)
  case .dataCorrupted(let found):
    if found.codingPath.isEmpty, let reason = syntaxError(in: data) { return "not JSON: \(reason)" }
    (context, text) = (found, found.debugDescription)
  @unknown default: return error.localizedDescription
  }
  let place = context.codingPath.isEmpty ? "" : "'\(path(context.codingPath))': "
  return place + (text.hasSuffix(".") ? String(text.dropLast()) : text)
}

private func subject(_ keys: [any CodingKey]) -> String {
  keys.isEmpty ? "the whole" : "'\(path(keys))'"
}

/// The JSON type that a Swift type is decoded from.
private func kind(of type: any Any.Type) -> String {
  switch "\(type)".prefix(while: { $0 != "<" }) {
  case "Dictionary": "an object"
  case "Array": "an array"
  case "Bool": "true or false"
  case "Int", "UInt64", "Int32", "Double", "Float": "a number"
  default: "a string"
  }
}

private func path(_ keys: [any CodingKey]) -> String {
  keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
}

/// The syntax error and its position: `JSONDecoder` omits the position, `JSONSerialization` reports it.
private func syntaxError(in data: Data) -> String? {
  do {
    _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    return nil
  } catch {
    let text = (error as NSError).userInfo["NSDebugDescription"] as? String
    return text.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
  }
}
