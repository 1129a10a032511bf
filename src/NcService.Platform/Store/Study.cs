namespace NcService.Platform.Store;

/// <summary>A set of runs that belong together: a grid of configurations and seeds, or an imported result table.</summary>
public sealed class Study
{
    /// <summary>Identity, made by the store.</summary>
    public long Id { get; set; }

    /// <summary>Unique name.</summary>
    public required string Name { get; set; }

    /// <summary>Free text by its owner.</summary>
    public string? Notes { get; set; }

    /// <summary>Tags as <see cref="NcService.Platform.Studies.TagList"/> writes them; empty for none.</summary>
    public string Tags { get; set; } = "";

    /// <summary>The <c>StudyDefinition</c> as JSON; null for imported results.</summary>
    public string? Definition { get; set; }

    /// <summary>Where imported results came from (file name); null for studies trained here.</summary>
    public string? ImportedFrom { get; set; }

    /// <summary>What the runs are trained on; null for imported results.</summary>
    public long? DatasetId { get; set; }

    /// <summary>What the runs are trained on; null for imported results.</summary>
    public Dataset? Dataset { get; set; }

    /// <summary>Who asked for it.</summary>
    public string? RequestedBy { get; set; }

    /// <summary>The same request with the same key makes one study.</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>When it was created (UTC).</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>Its runs.</summary>
    public List<Run> Runs { get; } = [];

    /// <summary>Permutation tests over its runs.</summary>
    public List<PermutationTestReport> PermutationTests { get; } = [];
}
