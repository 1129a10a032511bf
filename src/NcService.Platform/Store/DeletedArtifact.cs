namespace NcService.Platform.Store;

/// <summary>A folder of the artifact root whose rows are gone. Written down together with their deletion, so that no crash forgets the files.</summary>
public sealed class DeletedArtifact
{
    /// <summary>Path relative to the artifact root, such as <c>runs/7</c>; ids are given once, so no other thing ever has it.</summary>
    public required string Path { get; set; }

    /// <summary>When the rows were deleted (UTC).</summary>
    public DateTime DeletedAt { get; set; }
}
