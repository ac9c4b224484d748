// The library that computes the products of training: OpenBLAS, or libxsmm on weights in tiles.

import Foundation

#if canImport(CXSMM)
  internal import CXSMM
#endif

/// A library for the matrix products of training.
///
/// Both compute the same products with other roundings, so a run records its library. Convolutions use it in test passes too; everything
/// else, such as dense layers in test passes, ranks and spectra, uses OpenBLAS.
public enum ProductLibrary: String, CaseIterable, Sendable {
  /// OpenBLAS, on weights in rows. It copies each weight into another order for the forward and the backward product.
  case openBLAS = "openblas"

  /// libxsmm, on weights in tiles (``TiledMatrix``), which are not copied.
  case libxsmm

  /// The environment variable that selects the library of a process.
  public static let variable = "ZEROLAB_PRODUCTS"

  /// The library of this process: the value of the environment variable `ZEROLAB_PRODUCTS`, by default libxsmm.
  ///
  /// Without libxsmm for this processor it is OpenBLAS in any case.
  public static let current: ProductLibrary = {
    let chosen = ProcessInfo.processInfo.environment[variable].flatMap(ProductLibrary.init)
    return chosen != .openBLAS && instructionSet != nil ? .libxsmm : .openBLAS
  }()

  /// Why this process doesn't use the library that the environment variable names; `nil` if it does, or none is named.
  public static let remark: String? = {
    guard let name = ProcessInfo.processInfo.environment[variable] else { return nil }
    guard let chosen = ProductLibrary(rawValue: name) else {
      let names = allCases.map(\.rawValue).joined(separator: " or ")
      return "\(variable) is '\(name)', but may be \(names); \(current.rawValue) is used"
    }
    return chosen == current
      ? nil : "libxsmm makes no code for this processor, so OpenBLAS computes all products"
  }()

  /// The kernels that determine the bits of a run: OpenBLAS's, and libxsmm's instruction set if it computes the products.
  public var kernel: String {
    switch self {
    case .openBLAS: BLAS.kernel
    case .libxsmm: "\(BLAS.kernel), libxsmm \(Self.instructionSet ?? "none")"
    }
  }

  /// The instruction set for which libxsmm makes code, such as `hsw` for AVX2 and `skx` for AVX-512; `nil` if it makes none.
  public static let instructionSet: String? = {
    #if canImport(CXSMM)
      let kernel = TileKernel(m: 64, n: 64, k: 64, strides: (64, 64, 64), Float.self)
      guard kernel != nil, !BLAS.lacksAVX2, let name = unsafe libxsmm_get_target_arch() else {
        return nil
      }
      return unsafe String(cString: name)
    #else
      return nil
    #endif
  }()
}
