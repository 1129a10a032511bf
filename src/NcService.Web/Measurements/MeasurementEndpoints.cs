using NcService.Core.Collapse;

namespace NcService.Web.Measurements;

/// <summary>The catalogue of measurements.</summary>
internal static class MeasurementEndpoints
{
    /// <summary>Maps /measurements.</summary>
    public static void MapMeasurements(this IEndpointRouteBuilder api) =>
        api.MapGet("/measurements", () => MeasurementCatalog.All).WithTags("Measurements").WithName("listMeasurements")
            .WithSummary("Every measurement: its name, its property, its formula, and what it means in one sentence.");
}
