// An experiment with images, an initializer and a measurement of one's own: trained, measured, reported and saved as the
// package's own are. The guide "The Swift library" shows this file part by part.

import Foundation
import ZerOLab

// snippet.data
/// Images of 8 × 8 pixels in memory: stripes in one of four directions, with noise.
func stripes(_ count: Int, seed: UInt64) throws -> LabeledImages {
  var streams = RandomStreams(seed: seed)
  let labels = ContiguousArray((0..<count).map { UInt8($0 % 4) })
  let pixels = ContiguousArray(
    labels.flatMap { label in
      let shift = Int(streams.numPy.integer(below: 4))
      return (0..<64).map { pixel in
        let (i, j) = (pixel / 8, pixel % 8)
        let place = [i, j, i + j, i - j + 8][Int(label)] + shift
        let bright = place / 2 % 2 == 0 ? 180 : 20
        return UInt8(bright + Int(streams.numPy.integer(below: 50)))
      }
    })
  return try LabeledImages(size: [8, 8], pixels: pixels, labels: labels)
}

let data = try Dataset(
  name: "stripes", train: stripes(512, seed: 1), test: stripes(128, seed: 2))
// snippet.end

// snippet.initializer
/// Unit i reads input i mod n, with a random sign: each repetition of the identity differs.
struct SignedIdentity: Initializer {
  func weight(_ shape: WeightShape, using streams: inout RandomStreams)
    throws(InitializationError) -> Matrix<Float>
  {
    var weight = Matrix<Float>(repeating: 0, rows: shape.outputs, columns: shape.inputs)
    for i in 0..<shape.outputs {
      weight[i, i % shape.inputs] = streams.numPy.integer(below: 2) == 0 ? 1 : -1
    }
    return weight
  }
}

let initializers = try InitializerCatalog.builtIn.adding(
  InitializerEntry(
    name: "Signed_Identity", summary: "row i has ±1 in column i mod n", isRandom: true,
    initializer: SignedIdentity()))
// snippet.end

// snippet.measurement
/// ‖W − W₀‖₊, the nuclear norm of a weight's change: the sum of its singular values.
struct NuclearNorm: LayerMeasurement {
  func values<Scalar>(of layer: inout MeasuredLayer<Scalar>) throws -> [String: Double] {
    [layer.name.weight: try layer.spectrum(from: .start).values.reduce(0, +)]
  }
}

let measurements = try MeasurementCatalog.builtIn.adding(
  MeasurementEntry(
    name: "nuclear_norm_from_start", summary: "sum of the singular values of W - W0",
    measurement: NuclearNorm()))
// snippet.end

// snippet.experiment
let experiment = try Experiment(
  yaml: """
    name: own_experiment
    question: Do random signs lift the limit on the rank of the change?
    data: stripes
    training: {epochs: 4, batch_size: 32}
    measure: {every: 4, quantities: [rank_from_start, nuclear_norm_from_start]}
    figure:
      - name: ranks
        quantity: rank_from_start
        tensor: l3.weight
        label: "{init}, n_h = {width}"
      - name: norms
        quantity: nuclear_norm_from_start
        tensor: l3.weight
        label: "{init}, n_h = {width}"
    runs:
      - {init: [Partial_Identity, Signed_Identity], width: [128, 256]}
    claims:
      - {runs: {init: Partial_Identity}, tensor: l3.weight, quantity: rank_from_start, at_most: 65}
    """, path: "own experiment", initializers: initializers, measurements: measurements)

let runner = ExperimentRunner(
  output: URL(fileURLWithPath: "results"), pool: WorkerPool(threads: 2), commit: "own",
  savesModels: true, initializers: initializers, measurements: measurements)
let leftOut = try await runner([experiment], data: [data.name: data]) { update in
  // A run that diverges or fails ends with a status; the others go on.
  if case .ended(let status) = update.news, let reason = status.message {
    print("\(update.plan.identifier): \(reason)")
  }
}
for run in leftOut { print("\(run.plan.identifier): \(run.error)") }
// snippet.end

// snippet.report
let folder = runner.folder(of: experiment)
for plan in experiment.plans {
  let record = try RunRecord(folder.run(plan))
  let ranks = record.series("rank_from_start", of: "l3.weight")
  let norms = record.series("nuclear_norm_from_start", of: "l3.weight")
  guard let rank = ranks.last, let norm = norms.last, let ceiling = record.ceiling else { continue }
  print(
    "\(plan.initializer), n_h = \(plan.width): rank \(Int(rank.value)) of W - W0 after"
      + " \(rank.updates) updates (ceiling \(ceiling.tensors["l3.weight"] ?? 0)),"
      + " nuclear norm \(String(format: "%.2f", norm.value))")
}
let report = try ExperimentReport(experiment, in: folder)
for verdict in report.verdicts { print(verdict.sentence) }
for name in try report.write(to: folder) { print(name) }
// snippet.end
