// The module that packages import.

@_exported public import ZerOCheckpoints
@_exported public import ZerODatasets
@_exported public import ZerOExecution
@_exported public import ZerOExperiments
@_exported public import ZerOInitializers
@_exported public import ZerOInspection
@_exported public import ZerOLinearAlgebra
@_exported public import ZerOMeasurements
@_exported public import ZerONamePatterns
@_exported public import ZerONetworks
@_exported public import ZerOOptimizers
@_exported public import ZerOParallelism
@_exported public import ZerORandomness
@_exported public import ZerORecords
@_exported public import ZerOReinitialization
@_exported public import ZerOReports
@_exported public import ZerOSeries
@_exported public import ZerOSpectra
@_exported public import ZerOSymmetry
@_exported public import ZerOTraining
