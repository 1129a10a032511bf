using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Results;
using NcService.Platform.Store;
using NcService.Web.Hosting;

namespace NcService.Web.PermutationTests;

/// <summary>Permutation tests over a study's runs.</summary>
internal static class PermutationTestEndpoints
{
    /// <summary>Maps /permutation-tests and /studies/{id}/permutation-tests.</summary>
    public static void MapPermutationTests(this IEndpointRouteBuilder api)
    {
        api.MapGet("/permutation-tests", ListAllAsync).WithTags("Permutation tests").WithName("listPermutationTests")
            .WithSummary("The permutation tests of all studies, the newest first.");
        api.MapGet("/studies/{id}/permutation-tests", ListAsync).WithTags("Permutation tests").WithName("listPermutationTestsOfStudy")
            .WithSummary("The permutation tests of a study, the newest first.").ProducesProblem(StatusCodes.Status404NotFound);
        api.MapPost("/studies/{id}/permutation-tests", RequestAsync).WithTags("Permutation tests").WithName("createPermutationTest")
            .WithSummary("Tests measurements against an outcome over runs that differ in nothing but the seed (the largest group unless named), or over all with scale held fixed by strata or regression. The same request with the same Idempotency-Key makes one test: 201 the first time, 200 after.")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        api.MapGet("/permutation-tests/{id}", GetAsync).WithTags("Permutation tests").WithName("getPermutationTest")
            .WithSummary("A permutation test: for every measurement r, R², p and the null distribution.").ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<Page<PermutationTestDetails>>, ProblemHttpResult>> ListAsync(
        long id, [AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        if (!await context.Studies.AnyAsync(study => study.Id == id, cancellationToken)) return Problems.NotFound("study", id);
        var reports = Stored(context).Where(report => report.StudyId == id).OrderByDescending(report => report.Id);
        return TypedResults.Ok(await page.ReadAsync(reports, PermutationTestDetails.From, cancellationToken));
    }

    private static Task<Page<PermutationTestDetails>> ListAllAsync(
        [AsParameters] PageRequest page, [FromQuery] EnumName<JobState>[]? state, NcServiceContext context, CancellationToken cancellationToken)
    {
        var states = state.Values();
        var reports = Stored(context).Where(report => states.Length == 0 || (report.Job == null ? states.Contains(JobState.Succeeded) : states.Contains(report.Job.State)));
        return page.ReadAsync(reports.OrderByDescending(report => report.Id), PermutationTestDetails.From, cancellationToken);
    }

    private static async Task<Results<Ok<PermutationTestDetails>, ProblemHttpResult>> GetAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        await Stored(context).SingleOrDefaultAsync(report => report.Id == id, cancellationToken) is { } report
            ? TypedResults.Ok(PermutationTestDetails.From(report))
            : Problems.NotFound("permutation test", id);

    private static async Task<Results<Created<PermutationTestDetails>, Ok<PermutationTestDetails>, ProblemHttpResult>> RequestAsync(
        long id, PermutationTestRequest request, [FromHeader(Name = IdempotencyKey.Header)] string? key, HttpContext http, NcServiceContext context, StudyResults results,
        PermutationTestService tests, CancellationToken cancellationToken)
    {
        IdempotencyKey.Check(key, http.Request);
        if (!await context.Studies.AnyAsync(study => study.Id == id, cancellationToken)) return Problems.NotFound("study", id);
        request.Check();
        var origin = IdempotencyKey.OriginOf(http, key, new { Study = id, Request = request });
        try
        {
            if (await tests.FindAsync(origin, cancellationToken) is { } existing) return TypedResults.Ok(PermutationTestDetails.From(existing));
        }
        catch (InputException fault)
        {
            return Problems.Conflict(fault.Message);
        }
        var runIds = request.RunIds;
        if (runIds is null && request.Design is not { Covariates.Count: 0, Within.Count: 0 })
            runIds = [.. (await results.LoadAsync(id, cancellationToken)).Rows.Select(row => row.Id)];
        if (runIds is null)
        {
            var largest = StudyResults.SeedGroups(await results.LoadAsync(id, cancellationToken)).MaxBy(group => group.Rows.Count);
            if (largest is null) return Problems.Conflict($"Study {id} has no three runs that differ in nothing but the seed; name the runs to test (runIds).");
            runIds = [.. largest.Rows.Select(row => row.Id)];
        }
        var report = await tests.RequestAsync(id, runIds, request.Measurements ?? [], request.Outcome, request.Permutations, request.Seed, request.Design, origin, cancellationToken);
        return TypedResults.Created($"/api/v1/permutation-tests/{report.Id}", PermutationTestDetails.From(report));
    }

    private static IQueryable<PermutationTestReport> Stored(NcServiceContext context) =>
        context.PermutationTests.AsNoTracking().Include(report => report.Job).Include(report => report.Rows);
}
