using NcService.Core;

namespace NcService.Platform.Artifacts;

/// <summary>
/// The files that jobs write, under one root that all machines share. Paths are relative to the root, made by the server from ids, and
/// resolved by an allow-list: what is not a plain name between slashes is refused, so that no encoding or separator trick has to be known.
/// </summary>
public sealed class ArtifactStore
{
    private const int MaximumPathLength = 512;

    /// <summary>Opens the store under a data directory, creating <c>artifacts</c> (readable by its owner alone) where it is missing.</summary>
    public ArtifactStore(string dataDirectory)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(dataDirectory);
        Root = Path.GetFullPath(Path.Combine(dataDirectory, "artifacts"));
        CreateDirectory(Root);
    }

    /// <summary>Absolute path of the root.</summary>
    public string Root { get; }

    /// <summary>The absolute path of an artifact. It need not exist.</summary>
    /// <param name="relative">Names of letters, digits, <c>.</c>, <c>_</c> and <c>-</c> (none starting with a dot), separated by single slashes.</param>
    /// <exception cref="InputException">The path is not of that form, or a symbolic link on its way could lead out of the root.</exception>
    public string Resolve(string relative)
    {
        if (string.IsNullOrEmpty(relative) || relative.Length > MaximumPathLength)
            throw new InputException($"An artifact path has 1 to {MaximumPathLength} characters.");
        var path = Root;
        foreach (var name in relative.Split('/'))
        {
            if (!IsPlainName(name))
                throw new InputException($"'{Printable(relative)}' is not an artifact path: names of letters, digits, '.', '_', '-', separated by single slashes.");
            path = Path.Combine(path, name);
            if (new FileInfo(path).LinkTarget is not null)
                throw new InputException($"'{Printable(relative)}' passes through a symbolic link; artifacts hold none.");
        }
        return path;
    }

    /// <summary>Makes the folder of an artifact path, and those above it, for its owner alone; returns its absolute path.</summary>
    public string CreateFolder(string relative)
    {
        var path = Resolve(relative);
        CreateDirectory(path);
        return path;
    }

    /// <summary>Writes a file so that readers see all of it or nothing, also after a crash: aside, fsync, rename.</summary>
    public async Task WriteFileAsync(string relative, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        var path = Resolve(relative);
        CreateDirectory(Path.GetDirectoryName(path)!);
        await DurableFile.WriteAsync(path, write, cancellationToken);
    }

    /// <summary>
    /// Makes a folder so that readers see all of it or nothing: <paramref name="fill"/> writes into a folder aside, which then takes the
    /// place of the artifact. An older folder of that name is replaced.
    /// </summary>
    public async Task WriteFolderAsync(string relative, Func<string, CancellationToken, Task> fill, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fill);
        var path = Resolve(relative);
        CreateDirectory(Path.GetDirectoryName(path)!);
        await DurableFile.WriteFolderAsync(path, fill, cancellationToken);
    }

    /// <summary>Makes the folder of one attempt at a job, in place of those of earlier attempts, whose content it takes over.</summary>
    /// <param name="relative">The folder of all attempts, such as <c>runs/7</c>.</param>
    /// <param name="attempt">The attempt, from 1.</param>
    /// <returns>Whether this attempt may work: false where a later one has taken over.</returns>
    public bool ClaimFolder(string relative, int attempt) => AttemptFolder.Claim(CreateFolder(relative), attempt);

    /// <summary>Deletes the folder of an attempt that has lost its job, where a later attempt has one.</summary>
    public void AbandonFolder(string relative, int attempt) => AttemptFolder.Abandon(Resolve(relative), attempt);

    private static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static bool IsPlainName(string name) =>
        name.Length > 0 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static string Printable(string text) => string.Concat(text.Take(80).Select(c => char.IsControl(c) ? '?' : c));
}
