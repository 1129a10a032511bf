namespace NcService.Tests;

/// <summary>The folder of golden cases and real text that may lie beside the repository.</summary>
internal static class SharedData
{
    /// <summary>The folder's path, or null where the repository stands alone.</summary>
    public static string? Root { get; } = Find();

    /// <summary>Why tests that need the folder are skipped, or null when it is there.</summary>
    public static string? SkipReason { get; } = Root is null ? "needs ../shared (golden cases and data), which is not beside this checkout" : null;

    /// <summary>The path of a file or folder under the shared folder.</summary>
    public static string Path(string relative) =>
        System.IO.Path.Combine(Root ?? throw new InvalidOperationException(SkipReason), relative);

    /// <summary>The repository's root: the folder of NcService.sln.</summary>
    public static string RepositoryRoot { get; } = FindUp("NcService.sln") ?? throw new InvalidOperationException("NcService.sln not found above the tests.");

    private static string? Find()
    {
        var configured = Environment.GetEnvironmentVariable("NCSERVICE_SHARED");
        if (!string.IsNullOrEmpty(configured)) return Directory.Exists(configured) ? configured : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = System.IO.Path.Combine(folder.FullName, "shared", "golden");
            if (Directory.Exists(candidate)) return System.IO.Path.GetDirectoryName(candidate);
        }
        return null;
    }

    private static string? FindUp(string file)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, file))) return folder.FullName;
        }
        return null;
    }
}

/// <summary>A test that needs the shared folder and is skipped, with the reason printed, where it is absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedFactAttribute : FactAttribute
{
    public SharedFactAttribute() => Skip = SharedData.SkipReason;
}

/// <summary>The same for theories.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedTheoryAttribute : TheoryAttribute
{
    public SharedTheoryAttribute() => Skip = SharedData.SkipReason;
}
