namespace NcService.Core.Collapse;

/// <summary>Names in the file of a per-class table, and of what it can be sorted by.</summary>
internal static class ClassTableColumns
{
    public const string Format = "ncservice-class-table";
    public const string Version = "1";

    public const string Id = "id";
    public const string Count = "count";
    public const string Norm = "norm";
    public const string Variance = "variance";
    public const string SelfDuality = "self_duality";
    public const string ValidationSamples = "validation_samples";
    public const string Agreement = "agreement";
    public const string Accuracy = "accuracy";

    public const string ByDistance = "nearest_by_distance";
    public const string ByCosine = "nearest_by_cosine";
    public const string NeighbourIds = ".id";
    public const string NeighbourValues = ".value";

    public const string Coordinates = "principal_coordinates";

    /// <summary>The tokens' texts one after another, and where each ends.</summary>
    public const string Text = "text";
    public const string TextEnds = "text_ends";

    /// <summary>Columns that the table can be sorted by.</summary>
    public static readonly string[] Sortable = [Id, Count, Norm, Variance, SelfDuality, ValidationSamples, Agreement, Accuracy];
}
