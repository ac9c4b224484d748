// What the operating system says of a failure, for the errors that pass it on.

import Foundation

/// The operating system's reason for a failure, in its own few words.
///
/// - Parameter error: What Foundation threw.
/// - Returns: For example `No space left on device`; Foundation's description where there is no
///   code of the operating system behind the error.
public func systemReason(of error: any Error) -> String {
  let underlying = (error as? CocoaError)?.underlying ?? error
  let code = (underlying as? POSIXError)?.code.rawValue
  let bridged = underlying as NSError
  guard let code = code ?? (bridged.domain == NSPOSIXErrorDomain ? Int32(bridged.code) : nil) else {
    return error.localizedDescription
  }
  return unsafe String(cString: strerror(code))
}
