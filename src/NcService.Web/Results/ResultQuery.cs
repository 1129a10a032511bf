using Microsoft.AspNetCore.Mvc;
using NcService.Core;
using NcService.Core.Collapse;
using NcService.Core.Statistics;
using NcService.Platform.Results;
using NcService.Web.Hosting;
using NcService.Web.Runs;

namespace NcService.Web.Results;

/// <summary>What is related to what, over which runs, with what held fixed.</summary>
internal abstract class ResultQuery : RunShape
{
    /// <summary>The outcome; val_loss unless given.</summary>
    [FromQuery(Name = "outcome")]
    public string? Outcome { get; init; }

    /// <summary>Only these measurements; all that the runs have without it.</summary>
    [FromQuery(Name = "measurement")]
    public string[]? Measurement { get; init; }

    /// <summary>Only these runs, such as those of a seed group.</summary>
    [FromQuery(Name = "runId")]
    public long[]? RunId { get; init; }

    /// <summary>What to hold fixed by regression: width, depth, epochs, weightDecay, logParameters.</summary>
    [FromQuery(Name = "covariate")]
    public string[]? Covariate { get; init; }

    /// <summary>Only differences between runs that agree in these count: architecture, configuration, width, depth, epochs, weightDecay.</summary>
    [FromQuery(Name = "within")]
    public string[]? Within { get; init; }

    /// <summary>Settings held fixed by regression.</summary>
    protected string[] Covariates => [.. (Covariate ?? []).Distinct()];

    /// <summary>Settings within which runs are compared.</summary>
    protected string[] Strata => [.. (Within ?? []).Distinct()];

    /// <summary>What is held fixed, in words.</summary>
    protected IReadOnlyList<string> HeldWords => RunFactors.Words(Covariates, Strata);

    /// <summary>The wanted runs, each once.</summary>
    /// <exception cref="FieldException">A run is not in the study.</exception>
    protected RunSample Sample(ResultTable table)
    {
        var wanted = (RunId ?? []).ToHashSet();
        if (wanted.Except(table.Rows.Select(row => row.Id)).Select(id => (long?)id).FirstOrDefault() is { } stranger)
            throw new FieldException("runId", $"Run {stranger} is not in study {table.StudyId}.");
        return RunSample.Of([.. Shaped(table.Rows).Where(row => wanted.Count == 0 || wanted.Contains(row.Id))]);
    }

    /// <summary>The outcome's name.</summary>
    /// <exception cref="FieldException">It is unknown; the message names the nearest one.</exception>
    protected string KnownOutcome(ResultTable table) => Known("outcome", Outcome ?? "val_loss", table);

    /// <summary>The wanted measurements.</summary>
    /// <exception cref="FieldException">A name is unknown; the message names the nearest one.</exception>
    protected IReadOnlyList<string> Measurements(ResultTable table) =>
        Measurement is { Length: > 0 } ? [.. Measurement.Distinct().Select(name => Known("measurement", name, table))] : table.Measurements;

    /// <summary>What is held fixed over these runs.</summary>
    /// <exception cref="FieldException">A name is unknown.</exception>
    protected HeldFixed Held(RunSample sample)
    {
        HeldFixed Of(string field, string[] covariates, string[] within)
        {
            try
            {
                return sample.HeldFixed(covariates, within);
            }
            catch (InputException fault)
            {
                throw new FieldException(field, fault.Message);
            }
        }
        return Of("covariate", Covariates, []) with { Strata = Of("within", [], Strata).Strata };
    }

    private static string Known(string field, string name, ResultTable table)
    {
        if (MeasurementCatalog.TryFind(name) is not null || table.Measurements.Contains(name) || table.Outcomes.Contains(name)) return name;
        var known = MeasurementCatalog.All.Select(definition => definition.Name).Concat(table.Measurements);
        throw new FieldException(field, $"There is no measurement '{name}'{NearestName.Hint(name, known)}");
    }
}

/// <summary>A result query that permutes while the caller waits.</summary>
internal abstract class PermutingQuery : ResultQuery
{
    /// <summary>More permutations than these are a job: POST /studies/{id}/permutation-tests.</summary>
    private const int MostPermutations = 100_000;

    /// <summary>Permutations B, at most 100,000; 10,000 unless given.</summary>
    [FromQuery(Name = "permutations")]
    public int? Permutations { get; init; }

    /// <summary>Same seed, same p; 0 unless given.</summary>
    [FromQuery(Name = "seed")]
    public long? Seed { get; init; }

    /// <summary>B and seed.</summary>
    /// <exception cref="FieldException">B is out of range.</exception>
    protected PermutationTestOptions Options()
    {
        var permutations = Permutations ?? 10_000;
        if (permutations is < 1 or > MostPermutations)
            throw new FieldException("permutations", $"{permutations} is not between 1 and {MostPermutations}; more are a job, asked for by POST.");
        return new PermutationTestOptions { Permutations = permutations, Seed = unchecked((ulong)(Seed ?? 0)) };
    }
}
