namespace NcService.Platform.Studies;

/// <summary>Checks requests before anything is stored.</summary>
public static class StudyValidation
{
    /// <summary>What is wrong with a name, or null.</summary>
    public static string? CheckName(string? name) =>
        string.IsNullOrWhiteSpace(name) ? "A name is needed."
        : name.Length > StudyLimits.MaximumNameLength ? $"The name has {name.Length} characters, at most {StudyLimits.MaximumNameLength} are possible ({nameof(StudyLimits.MaximumNameLength)})."
        : name.Any(char.IsControl) ? "The name holds a control character."
        : name != name.Trim() ? "The name begins or ends with white space."
        : null;
}
