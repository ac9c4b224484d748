// The terminal behind standard error, if there is one.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What can be asked of the terminal.
public enum TerminalWindow {
  /// The number of columns of the terminal behind standard error, `nil` if it is no terminal.
  public static var width: Int? {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 80
    }
    return Int(size.ws_col)
  }
}
