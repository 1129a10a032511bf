namespace NcService.Web.Dashboard.Components;

/// <summary>The neural-collapse properties in words.</summary>
internal static class Properties
{
    /// <summary>What a property says, for a heading.</summary>
    public static string Title(string property) => property switch
    {
        "NC1" => "Embeddings of a class draw together",
        "NC2" => "Class centres spread evenly",
        "GNC2" => "Class centres fill the sphere evenly",
        "NC3" => "Classifier and class centres align",
        "UNC3" => "They align alike for all classes",
        "NC4" => "Decisions agree with the nearest centre",
        "NC5" => "Foreign text lies at right angles",
        "spectrum" => "Directions that the centres use",
        "generalisation" => "Generalisation",
        _ => property,
    };

    /// <summary>The short label before the heading.</summary>
    public static string Label(string property) => property switch { "spectrum" => "Spectrum", "generalisation" => "Outcome", _ => property };
}
