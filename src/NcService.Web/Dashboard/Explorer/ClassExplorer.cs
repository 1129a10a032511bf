using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Core.Text;
using NcService.Platform.Artifacts;
using NcService.Platform.Store;

namespace NcService.Web.Dashboard.Explorer;

/// <summary>The classes of an analysis with the texts of their tokens and what takes time to compute.</summary>
/// <param name="Table">The classes.</param>
/// <param name="Texts">Text of each row's token.</param>
/// <param name="Coordinates">First three principal coordinates of each class mean.</param>
/// <param name="Shares">Share of the variance of class means along each.</param>
/// <param name="PairCosines">Cosines of pairs, all or drawn.</param>
/// <param name="Interfering">The pairs with the largest cosines among the most frequent classes.</param>
public sealed record ExploredClasses(
    ClassTable Table, IReadOnlyList<string> Texts, double[][] Coordinates, double[] Shares, double[] PairCosines, IReadOnlyList<(int Row, int Other, double Cosine)> Interfering)
{
    /// <summary>Most pairs that the histograms are made of.</summary>
    public const int MostPairs = 1_000_000;

    /// <summary>Most classes among which interfering pairs are looked for.</summary>
    public const int MostCompared = 4_000;
}

/// <summary>Reads analyses' class statistics. The last few are kept, as reading and projecting take seconds for large models.</summary>
public sealed class ClassExplorer(IDbContextFactory<NcServiceContext> contexts, ArtifactStore artifacts)
{
    private const int Kept = 3;
    private const int Components = 3;
    private const int PairCount = 40;
    private static readonly string[] s_heads = ["lm_head.weight", "transformer.wte.weight", "wte.weight"];
    private readonly ConcurrentDictionary<string, (long Turn, Lazy<Task<ExploredClasses>> Classes)> known = new(StringComparer.Ordinal);
    private long turn;

    /// <summary>The classes of a run's latest analysis, or null where there is none with statistics.</summary>
    /// <exception cref="InputException">Its files are missing or damaged.</exception>
    public async Task<ExploredClasses?> ReadAsync(long runId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await context.Analyses.AsNoTracking().Where(analysis => analysis.RunId == runId && analysis.ArtifactPath != null && analysis.ClassCount != null)
            .OrderByDescending(analysis => analysis.Id)
            .Select(analysis => new { analysis.ArtifactPath, Checkpoint = analysis.Checkpoint!.ArtifactPath, Dataset = analysis.Dataset!.ArtifactPath })
            .FirstOrDefaultAsync(cancellationToken);
        if (found?.Dataset is null) return null;
        var statistics = Path.Combine(artifacts.Resolve(found.ArtifactPath!), "class_statistics.safetensors");
        if (!File.Exists(statistics)) throw new InputException($"{statistics} is not there; analyse the run again.");
        var key = $"{statistics} {File.GetLastWriteTimeUtc(statistics).Ticks}";
        var entry = known.AddOrUpdate(
            key, _ => (Interlocked.Increment(ref turn), new Lazy<Task<ExploredClasses>>(() => Task.Run(() => Explore(statistics, found.Checkpoint, found.Dataset), CancellationToken.None))),
            (_, old) => (Interlocked.Increment(ref turn), old.Classes));
        foreach (var old in known.OrderByDescending(pair => pair.Value.Turn).Skip(Kept)) known.TryRemove(old.Key, out _);
        try
        {
            return await entry.Classes.Value.WaitAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            known.TryRemove(key, out _);
            throw;
        }
    }

    private ExploredClasses Explore(string statistics, string? checkpoint, string datasetPath)
    {
        var file = new TensorFile(statistics);
        var dimension = (int)file.Shape("means")[1];
        // Statistics of older versions have no classifier of their own.
        var classifier = file.Has("classifier") ? file.Read("classifier") : checkpoint is null ? null : Classifier(artifacts.Resolve(checkpoint), dimension);
        var table = new ClassTable(file.Read("counts"), file.Read("means"), file.Read("within_sums"), classifier, dimension) { Decisions = Decisions(file) };
        using var dataset = TokenDataset.Open(artifacts.Resolve(datasetPath));
        var (coordinates, shares) = PrincipalAxes.Of(table, Components);
        return new ExploredClasses(
            table, [.. table.Ids.Select(dataset.Tokenizer.TokenText)], coordinates, shares, table.PairCosines(ExploredClasses.MostPairs),
            table.Interfering(PairCount, ExploredClasses.MostCompared, CancellationToken.None));
    }

    private static ClassDecisionTable? Decisions(TensorFile file)
    {
        if (!file.Has("validation_by_class")) return null;
        var classes = (int)file.Shape("validation_by_class")[1];
        var rows = file.Read("validation_by_class").Chunk(classes).ToArray();
        return new ClassDecisionTable(rows[0], rows[1], rows[2], rows[3]);
    }

    // W: the head, or the embedding where the two are one.
    private static double[]? Classifier(string checkpoint, int dimension)
    {
        var path = Path.Combine(checkpoint, "model.safetensors");
        if (!File.Exists(path)) return null;
        var file = new TensorFile(path);
        var name = s_heads.FirstOrDefault(file.Has);
        return name is null || file.Shape(name)[1] != dimension ? null : file.Read(name);
    }
}
