using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using NcService.Core.Text;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Data;

/// <summary>A dataset as lists show it.</summary>
/// <param name="Dataset">The row, with its job.</param>
/// <param name="Specification">What it is made of.</param>
/// <param name="StudyCount">Studies that train on it.</param>
public sealed record DatasetView(Dataset Dataset, DatasetSpecification Specification, int StudyCount)
{
    /// <summary>Where its preparation stands.</summary>
    public Stage Stage => Dataset.Job is { } job ? Stages.Of(job.State) : Stage.Done;

    /// <summary>True where its files can be read.</summary>
    public bool Prepared => Dataset is { ArtifactPath: not null, TrainChunks: not null };
}

/// <summary>How often each class occurs in a training split.</summary>
/// <param name="Manifest">The dataset.</param>
/// <param name="Counts">n_c [K]: how often each token is a label.</param>
/// <param name="ByRank">Ids of the classes that occur, the most frequent first.</param>
public sealed record ClassHistogram(DatasetManifest Manifest, IReadOnlyList<long> Counts, IReadOnlyList<int> ByRank)
{
    /// <summary>N: all samples.</summary>
    public long SampleCount { get; } = Counts.Sum();

    /// <summary>Classes that occur once.</summary>
    public int SingleCount { get; } = Counts.Count(count => count == 1);

    /// <summary>The fewest classes that hold half of all samples.</summary>
    public int ClassesOfHalf { get; } = HalfOf(Counts, ByRank);

    private static int HalfOf(IReadOnlyList<long> counts, IReadOnlyList<int> ranks)
    {
        var (left, total) = (counts.Sum() / 2, 0);
        while (left > 0 && total < ranks.Count) left -= counts[ranks[total++]];
        return total;
    }
}

/// <summary>What the dashboard reads about datasets. Class counts are computed once for each dataset's content.</summary>
public sealed class DatasetQueries(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts)
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private readonly ConcurrentDictionary<string, Lazy<Task<ClassHistogram>>> histograms = new(StringComparer.Ordinal);

    /// <summary>All datasets, newest first.</summary>
    public Task<IReadOnlyList<DatasetView>> ListAsync(CancellationToken cancellationToken) => LoadAsync(null, cancellationToken);

    /// <summary>One dataset, or null where there is none.</summary>
    public async Task<DatasetView?> FindAsync(long id, CancellationToken cancellationToken) => (await LoadAsync(id, cancellationToken)).SingleOrDefault();

    /// <summary>The classes of a prepared dataset's training split. The first reading passes through all of it.</summary>
    /// <exception cref="NcService.Core.InputException">Its files are missing or damaged.</exception>
    public async Task<ClassHistogram> HistogramAsync(DatasetView view, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(view);
        var key = $"{view.Dataset.ArtifactPath} {view.Dataset.Hash}";
        var counting = histograms.GetOrAdd(key, _ => new Lazy<Task<ClassHistogram>>(() => Task.Run(() => Count(view.Dataset.ArtifactPath!), CancellationToken.None)));
        try
        {
            return await counting.Value.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // What was missing may come back.
            histograms.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>Opens the files of a prepared dataset; the caller closes them.</summary>
    /// <exception cref="NcService.Core.InputException">They are missing or damaged.</exception>
    public TokenDataset Open(DatasetView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return TokenDataset.Open(artifacts.Resolve(view.Dataset.ArtifactPath!));
    }

    private ClassHistogram Count(string path)
    {
        using var dataset = TokenDataset.Open(artifacts.Resolve(path));
        var counts = dataset.Train.ClassCounts();
        return new ClassHistogram(dataset.Manifest, counts, [.. Enumerable.Range(0, counts.Length).Where(id => counts[id] > 0).OrderByDescending(id => counts[id]).ThenBy(id => id)]);
    }

    private async Task<IReadOnlyList<DatasetView>> LoadAsync(long? id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Datasets.AsNoTracking().Include(dataset => dataset.Job).Where(dataset => id == null || dataset.Id == id).OrderByDescending(dataset => dataset.Id)
            .Select(dataset => new { Dataset = dataset, Studies = context.Studies.Count(study => study.DatasetId == dataset.Id) }).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => new DatasetView(row.Dataset, JsonSerializer.Deserialize<DatasetSpecification>(row.Dataset.Specification, s_format)!, row.Studies));
    }
}
