using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace NcService.Core.Training;

/// <summary>One line of metrics.jsonl.</summary>
public sealed record MetricsLine
{
    /// <summary>Optimiser steps done; 0 is before the first.</summary>
    public required long Step { get; init; }

    /// <summary>Tokens that went through the network.</summary>
    public required long Tokens { get; init; }

    /// <summary>Wall seconds since the run began, over all attempts.</summary>
    public required double Seconds { get; init; }

    /// <summary>Mean training loss of the steps since the line before; absent at step 0.</summary>
    public double? Loss { get; init; }

    /// <summary>This step's learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The last step's gradient norm before clipping.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Validation loss where it was measured.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Validation accuracy where it was measured.</summary>
    public double? ValidationAccuracy { get; init; }
}

/// <summary>metrics.jsonl: appended line by line, cut back to a saved state when a run goes on from it.</summary>
internal sealed class MetricsLog : IDisposable
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly FileStream _stream;

    /// <summary>Opens the file and drops every line after <paramref name="lastStep"/>, as well as a torn last one.</summary>
    public MetricsLog(string path, long lastStep)
    {
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        var kept = 0L;
        using (var reader = new StreamReader(_stream, new UTF8Encoding(false), false, -1, leaveOpen: true))
        {
            var text = reader.ReadToEnd();
            for (int start = 0, end; (end = text.IndexOf('\n', start)) >= 0; start = end + 1)
            {
                if (StepOf(text.AsSpan(start, end - start)) is not { } step || step > lastStep) break;
                kept += Encoding.UTF8.GetByteCount(text.AsSpan(start, end + 1 - start));
            }
        }
        _stream.SetLength(kept);
        _stream.Position = kept;
    }

    /// <summary>Appends a line; readers see it at once.</summary>
    public void Append(MetricsLine line)
    {
        JsonSerializer.Serialize(_stream, line, Options);
        _stream.WriteByte((byte)'\n');
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static long? StepOf(ReadOnlySpan<char> line)
    {
        try
        {
            return JsonSerializer.Deserialize<MetricsLine>(line, Options)?.Step;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
