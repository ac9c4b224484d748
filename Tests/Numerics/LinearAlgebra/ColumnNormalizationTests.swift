// Sums over the rows of each column, which threads share.

import TestSupport
import Testing
import ZerOLinearAlgebra
import ZerOParallelism

@Suite struct ColumnNormalizationTests {
  /// All numbers of a normalization of 5 pixels with 6 channels in 2 groups and 70 samples, forward and backward.
  private static func numbers(_ team: ThreadTeam) -> [ContiguousArray<Float>] {
    func values(_ factor: Int) -> Matrix<Float> {
      Matrix(rows: 30, columns: 70) { i, j in Float((i * factor + j * 31 + i * j) % 101) / 17 }
    }
    let multiplicities: ContiguousArray<Double> = [1, 2, 1, 3, 1, 1]
    let statistics = ColumnNormalization(
      of: values(7), channels: ChannelGroups([0, 1, 0, 1, 1, 0]), centers: true, epsilon: 1e-5,
      multiplicities: multiplicities, team)
    let means = statistics.gradientMeans(
      of: values(7), gradient: values(11), gain: [1, 0.5, 2, 1, -1, 3],
      multiplicities: multiplicities, team)
    let gains = statistics.gainGradient(of: values(7), gradient: values(11), team)
    return [statistics.numbers, means.plain, means.normalized, gains]
  }

  @Test func `no bit depends on the threads`() async throws {
    let alone = Self.numbers(.alone)
    #expect(alone.map(\.count) == [280, 140, 140, 6])
    let shared = try await WorkerPool(threads: 3).run { team in Self.numbers(team) }
    #expect(shared == alone)
  }

  private let rounding = Tolerance(relative: 1e-14, absolute: 1e-14, because: "sums of 6 terms")

  @Test func `weighted means of any groups are those of the definition`() {
    let multiplicities: ContiguousArray<Double> = [1, 2, 1, 3, 1, 1]
    let x = Matrix<Double>(rows: 12, columns: 40) { i, j in Double((i * 7 + j * 3) % 13) }
    let groups = [0, 1, 0, 1, 1, 0]
    let numbers = ColumnNormalization(
      of: x, channels: ChannelGroups(groups), centers: true, epsilon: 0.5,
      multiplicities: multiplicities, .alone
    ).numbers
    for group in 0..<2 {
      for sample in 0..<40 {
        let members = (0..<12).filter { groups[$0 % 6] == group }
        let total = members.reduce(0) { $0 + multiplicities[$1 % 6] }
        let mean = members.reduce(0) { $0 + multiplicities[$1 % 6] * x[$1, sample] } / total
        let square = members.reduce(0) {
          $0 + multiplicities[$1 % 6] * (x[$1, sample] - mean) * (x[$1, sample] - mean)
        }
        expectClose(numbers[group * 40 + sample], mean, within: rounding)
        let scale = 1 / (square / total + 0.5).squareRoot()
        expectClose(numbers[80 + group * 40 + sample], scale, within: rounding)
      }
    }
  }
}
