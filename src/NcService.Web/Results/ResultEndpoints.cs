using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Platform.Results;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.Results;

/// <summary>A study's results: the table, what goes with what, and the groups of seeds.</summary>
internal static class ResultEndpoints
{
    /// <summary>Maps what can be read of /studies/{id}: /results, /results.csv, /correlations, /seed-groups, /stepwise, /regression, /differences.</summary>
    public static void MapResults(this IEndpointRouteBuilder api)
    {
        var study = api.MapGroup("/studies/{id}").WithTags("Results").ProducesProblem(StatusCodes.Status404NotFound);
        study.MapGet("/results.csv", GetTableAsync).WithName("getResultsCsv").Produces<string>(contentType: "text/csv")
            .WithSummary("All runs with all their measurements as a CSV table that /imports and ncctl read. Text that a spreadsheet would take for a formula begins with an apostrophe. columns=october writes the columns of the authors' table of October 2024.");
        study.MapGet("/results", ListAsync).WithName("listResults").WithSummary("The same table as JSON, in pages: every run with all that was measured of it, and why what is undefined is so.");
        study.MapGet("/correlations", GetCorrelationsAsync).WithName("getCorrelations")
            .WithSummary("How each measurement goes with an outcome: Pearson, Spearman, Kendall, the fitted line and 95 % intervals; or the correlation with covariates or strata held fixed.");
        study.MapGet("/seed-groups", GetSeedGroupsAsync).WithName("listSeedGroups")
            .WithSummary("Groups of at least three runs that differ in nothing but the seed, with mean and spread of everything measured over them.");
        study.MapGet("/stepwise", GetStepwiseAsync).WithName("getStepwise")
            .WithSummary("Which measurements account for the outcome beyond the others: forward selection with ΔR², its permutation p, and leave-one-out R².");
        study.MapGet("/regression", GetRegressionAsync).WithName("getRegression")
            .WithSummary("How well a chosen set of measurements accounts for the outcome: R², adjusted and leave-one-out R².");
        study.MapGet("/differences", GetDifferencesAsync).WithName("getDifferences")
            .WithSummary("How outcome and measurements differ between two groups of runs: difference of means, rank-biserial correlation and permutation p.");
    }

    private static async Task<Results<Ok<Page<RunResults>>, ProblemHttpResult>> ListAsync(
        long id, [AsParameters] PageRequest page, NcServiceContext context, StudyResults results, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(id, context, cancellationToken)) return Problems.NotFound("study", id);
        var (number, size) = page.Checked();
        var rows = (await results.LoadAsync(id, cancellationToken)).Rows;
        return TypedResults.Ok(new Page<RunResults>([.. rows.Skip((number - 1) * size).Take(size).Select(RunResults.From)], number, size, rows.Count));
    }

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> GetTableAsync(
        long id, [FromQuery] EnumName<ResultColumns>? columns, NcServiceContext context, StudyResults results, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(id, context, cancellationToken)) return Problems.NotFound("study", id);
        var table = await results.LoadAsync(id, cancellationToken);
        return TypedResults.File(Encoding.UTF8.GetBytes(columns?.Value == ResultColumns.October ? CsvTable.WriteOctober(table) : CsvTable.Write(table)), "text/csv; charset=utf-8", $"study-{id}-results.csv");
    }

    private static async Task<Results<Ok<CorrelationTable>, ProblemHttpResult>> GetCorrelationsAsync(
        long id, [AsParameters] CorrelationQuery query, HttpRequest request, ResultAnswers answers, CancellationToken cancellationToken) =>
        await answers.OfAsync(id, request, query.Answer, cancellationToken) is { } answer ? TypedResults.Ok(answer) : Problems.NotFound("study", id);

    private static async Task<Results<Ok<SeedGroupSummary[]>, ProblemHttpResult>> GetSeedGroupsAsync(
        long id, NcServiceContext context, StudyResults results, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(id, context, cancellationToken)) return Problems.NotFound("study", id);
        var groups = StudyResults.SeedGroups(await results.LoadAsync(id, cancellationToken));
        return TypedResults.Ok(groups.Select(group => new SeedGroupSummary(group.Description, [.. group.Rows.Select(row => row.Id)], group.Spreads())).ToArray());
    }

    private static async Task<Results<Ok<StepwiseTable>, ProblemHttpResult>> GetStepwiseAsync(
        long id, [AsParameters] StepwiseQuery query, HttpRequest request, ResultAnswers answers, CancellationToken cancellationToken) =>
        await answers.OfAsync(id, request, table => query.Answer(table, cancellationToken), cancellationToken) is { } answer ? TypedResults.Ok(answer) : Problems.NotFound("study", id);

    private static async Task<Results<Ok<RegressionModel>, ProblemHttpResult>> GetRegressionAsync(
        long id, [AsParameters] RegressionQuery query, HttpRequest request, ResultAnswers answers, CancellationToken cancellationToken) =>
        await answers.OfAsync(id, request, query.Answer, cancellationToken) is { } answer ? TypedResults.Ok(answer) : Problems.NotFound("study", id);

    private static async Task<Results<Ok<DifferenceTable>, ProblemHttpResult>> GetDifferencesAsync(
        long id, [AsParameters] DifferenceQuery query, HttpRequest request, ResultAnswers answers, CancellationToken cancellationToken) =>
        await answers.OfAsync(id, request, table => query.Answer(table, cancellationToken), cancellationToken) is { } answer ? TypedResults.Ok(answer) : Problems.NotFound("study", id);

    private static Task<bool> ExistsAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        context.Studies.AnyAsync(study => study.Id == id, cancellationToken);
}
