namespace NcService.Benchmarks;

/// <summary>One benchmark.</summary>
/// <param name="Name">Words that choose it on the command line.</param>
/// <param name="Run">Measures and prints.</param>
/// <param name="Long">Takes minutes: runs only when named.</param>
internal sealed record BenchmarkRow(string Name, Action Run, bool Long = false)
{
    /// <summary>Whether every argument begins one of the name's words.</summary>
    public bool IsNamedBy(IEnumerable<string> arguments)
    {
        var words = Name.Split(' ');
        return arguments.All(argument => words.Any(word => word.StartsWith(argument, StringComparison.OrdinalIgnoreCase)));
    }
}
