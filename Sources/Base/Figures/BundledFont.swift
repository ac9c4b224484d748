// The font that an archive or a wheel of the program contains, since a bare system has none.

public import Foundation

/// The font beside the program.
public enum BundledFont {
  /// Makes fontconfig use the font in `../share/zerolab/fonts` relative to the program's folder, if there is one.
  ///
  /// Call this function at the start of the program, before other threads may read the environment. A value of
  /// `FONTCONFIG_FILE` takes precedence.
  ///
  /// - Parameter program: The program's folder.
  public static func use(besideProgramIn program: URL = Bundle.main.bundleURL) {
    let file = program.deletingLastPathComponent()
      .appendingPathComponent("share/zerolab/fonts/fonts.conf")
    guard FileManager.default.fileExists(atPath: file.path) else { return }
    unsafe setenv("FONTCONFIG_FILE", file.path, 0)
  }
}
