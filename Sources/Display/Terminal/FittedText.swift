// Text made to fit a place of its own.

extension String {
  /// The text with its middle left out where it is too long: what tells names apart is mostly at their ends.
  func shortened(to columns: Int) -> String {
    guard count > columns else { return self }
    guard columns > 2 else { return String(prefix(Swift.max(0, columns))) }
    let head = (columns - 1) / 2
    return prefix(head) + "…" + suffix(columns - 1 - head)
  }

  /// The text with spaces up to a width, before it or behind it.
  func padded(to columns: Int, isNumber: Bool = false) -> String {
    let spaces = String(repeating: " ", count: Swift.max(0, columns - count))
    return isNumber ? spaces + self : self + spaces
  }
}

/// A time as people read it: `1:30` for a minute and a half, `2:05:00` for two hours and five minutes.
func clockText(_ seconds: Double) -> String {
  let whole = seconds < 1e9 ? Int(seconds.rounded(.up)) : 1_000_000_000
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  let tail = (rest < 10 ? "0" : "") + "\(rest)"
  return hours > 0 ? "\(hours):\(minutes < 10 ? "0" : "")\(minutes):\(tail)" : "\(minutes):\(tail)"
}
