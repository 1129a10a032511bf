namespace NcService.Platform.Artifacts;

/// <summary>Which files of a machine a request may have read: those under folders that its owner lists, reached without a symbolic link.</summary>
public static class ReadableFolders
{
    /// <summary>The folders of a list separated by semicolons, as absolute paths.</summary>
    public static IReadOnlyList<string> Read(string list)
    {
        ArgumentNullException.ThrowIfNull(list);
        return [.. list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath)];
    }

    /// <summary>The absolute path of a file or folder that a request names, relative to one of the folders or absolute.</summary>
    /// <returns>Null where there is none under the folders; whether there is one elsewhere is not told.</returns>
    public static string? Find(IReadOnlyList<string> folders, string path)
    {
        ArgumentNullException.ThrowIfNull(folders);
        ArgumentNullException.ThrowIfNull(path);
        return path.Contains('\0', StringComparison.Ordinal) ? null : folders.Select(root => Under(root, path)).FirstOrDefault(full => full is not null);
    }

    private static string? Under(string root, string path)
    {
        var full = Path.GetFullPath(Path.Combine(root, path));
        var relative = Path.GetRelativePath(root, full);
        if (relative == "." || relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative)) return null;
        var step = root;
        foreach (var name in relative.Split(Path.DirectorySeparatorChar))
        {
            step = Path.Combine(step, name);
            if (new FileInfo(step).LinkTarget is not null) return null;
        }
        return Path.Exists(full) ? full : null;
    }
}
