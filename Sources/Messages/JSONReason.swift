// What is wrong with JSON that can't be decoded, for the errors that pass it on.

public import Foundation

/// What is wrong with JSON text, and where.
///
/// - Parameters:
///   - error: What `JSONDecoder` threw.
///   - data: What it decoded.
/// - Returns: For example `the key 'rank' is missing`, `'loss': Expected to decode Double but found a string instead`,
///   or, for text that is not JSON, `not JSON: Unexpected end of file during JSON parse`.
public func jsonReason(of error: any Error, in data: Data) -> String {
  guard let error = error as? DecodingError else { return systemReason(of: error) }
  let (context, text): (DecodingError.Context, String)
  switch error {
  case .keyNotFound(let key, let found):
    return "the key '\(path(found.codingPath + [key]))' is missing"
  case .valueNotFound(_, let found): (context, text) = (found, "there is null instead of a value")
  case .typeMismatch(_, let found): (context, text) = (found, found.debugDescription)
  case .dataCorrupted(let found):
    if found.codingPath.isEmpty, let reason = syntaxError(in: data) { return "not JSON: \(reason)" }
    (context, text) = (found, found.debugDescription)
  @unknown default: return error.localizedDescription
  }
  let place = context.codingPath.isEmpty ? "" : "'\(path(context.codingPath))': "
  return place + (text.hasSuffix(".") ? String(text.dropLast()) : text)
}

private func path(_ keys: [any CodingKey]) -> String {
  keys.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
}

/// Foundation's decoder doesn't say where text stops being JSON; its older reader does.
private func syntaxError(in data: Data) -> String? {
  do {
    _ = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    return nil
  } catch {
    let text = (error as NSError).userInfo["NSDebugDescription"] as? String
    return text.map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
  }
}
