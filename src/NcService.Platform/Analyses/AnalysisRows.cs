using Microsoft.EntityFrameworkCore;
using NcService.Core.Collapse;
using NcService.Platform.Store;

namespace NcService.Platform.Analyses;

/// <summary>What every kind of analysis writes to the store when it has succeeded.</summary>
internal static class AnalysisRows
{
    /// <summary>Writes the measurements of an analysis in place of older ones, and where its files lie. Returns the row for what else is to be set.</summary>
    public static async Task<Analysis> WriteAsync(
        NcServiceContext store, long analysisId, string artifactPath, IReadOnlyList<Measurement> measurements, long samples, int classes, CancellationToken cancellationToken)
    {
        var row = await store.Analyses.Include(row => row.Measurements).SingleAsync(row => row.Id == analysisId, cancellationToken);
        row.ArtifactPath = artifactPath;
        row.SampleCount = samples;
        row.ClassCount = classes;
        row.Measurements.Clear();
        row.Measurements.AddRange(measurements.Select(measurement => new MeasurementRow
        {
            Name = measurement.Name,
            Value = measurement.Value,
            UndefinedReason = measurement.UndefinedReason,
        }));
        return row;
    }
}
