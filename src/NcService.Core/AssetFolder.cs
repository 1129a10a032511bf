namespace NcService.Core;

/// <summary>
/// The data files that <c>make setup</c> fetches: GPT-2's vocabulary and the default corpus. They lie in the folder named by
/// the environment variable <c>NCSERVICE_ASSETS</c>, else in a folder <c>assets</c> beside or above the program.
/// </summary>
public static class AssetFolder
{
    /// <summary>The environment variable that names the folder.</summary>
    public const string EnvironmentVariable = "NCSERVICE_ASSETS";

    /// <summary>The path of a file or folder of the assets, such as <c>gpt2/encoder.json</c>, or null where it is absent.</summary>
    public static string? TryFind(string relative)
    {
        ArgumentException.ThrowIfNullOrEmpty(relative);
        return Candidates().Select(root => Path.Combine(root, relative)).FirstOrDefault(path => File.Exists(path) || Directory.Exists(path));
    }

    /// <summary>The path of a file or folder of the assets.</summary>
    /// <exception cref="InputException">It is absent; the message says how to fetch it.</exception>
    public static string Find(string relative) =>
        TryFind(relative) ?? throw new InputException(
            $"The data file '{relative}' is not there: run `make setup`, which fetches it into the folder 'assets', or set {EnvironmentVariable} to the folder that holds it.");

    private static IEnumerable<string> Candidates()
    {
        var configured = Environment.GetEnvironmentVariable(EnvironmentVariable);
        if (!string.IsNullOrEmpty(configured))
        {
            yield return configured;
            yield break;
        }
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            yield return Path.Combine(folder.FullName, "assets");
    }
}
