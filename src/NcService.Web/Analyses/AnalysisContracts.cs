using NcService.Platform.Store;

namespace NcService.Web.Analyses;

/// <summary>One measured value.</summary>
/// <param name="Name">Name in /measurements, or the column of an imported table that has no counterpart there.</param>
/// <param name="Value">The value; null where undefined.</param>
/// <param name="UndefinedReason">Why it is undefined.</param>
internal sealed record MeasurementValue(string Name, double? Value, string? UndefinedReason);

/// <summary>The measurements of one checkpoint, or of one row of an imported table.</summary>
/// <param name="Id">Identity.</param>
/// <param name="RunId">The run whose model was measured.</param>
/// <param name="CheckpointId">The checkpoint that was measured; null for imported results.</param>
/// <param name="DatasetId">The dataset it was measured on; null for imported results.</param>
/// <param name="State">Where its job stands; succeeded for imported results.</param>
/// <param name="SampleCount">Training samples collected, N; null until it has succeeded.</param>
/// <param name="ClassCount">Classes with enough samples, |C|.</param>
/// <param name="CreatedAt">When it was asked for (UTC).</param>
/// <param name="JobId">The job that computes it; null for imported results.</param>
/// <param name="Measurements">The values; empty until it has succeeded.</param>
internal sealed record AnalysisDetails(
    long Id,
    long? RunId,
    long? CheckpointId,
    long? DatasetId,
    JobState State,
    long? SampleCount,
    int? ClassCount,
    DateTime CreatedAt,
    long? JobId,
    IReadOnlyList<MeasurementValue> Measurements)
{
    /// <summary>The contract of a stored analysis, loaded with its job and measurements.</summary>
    public static AnalysisDetails From(Analysis analysis) => new(
        analysis.Id, analysis.RunId, analysis.CheckpointId, analysis.DatasetId, analysis.Job?.State ?? JobState.Succeeded,
        analysis.SampleCount, analysis.ClassCount, analysis.CreatedAt, analysis.JobId,
        [.. analysis.Measurements.OrderBy(row => row.Name, StringComparer.Ordinal).Select(row => new MeasurementValue(row.Name, Numbers.Finite(row.Value), row.UndefinedReason))]);
}
