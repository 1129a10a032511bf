namespace NcService.Web.Studies;

/// <summary>What people note beside a study or a run.</summary>
internal sealed record AnnotationRequest
{
    /// <summary>Free text in place of the present one; empty takes it away, and without this member it stays.</summary>
    public string? Notes { get; init; }

    /// <summary>Tags in place of the present ones; without this member they stay.</summary>
    public IReadOnlyList<string>? Tags { get; init; }
}
