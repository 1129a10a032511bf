namespace NcService.Benchmarks;

/// <summary>Somebody else's way to do a round, as a script of <c>peers/</c>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Script">The script's file name.</param>
/// <param name="Arguments">Its arguments, separated by blanks.</param>
/// <param name="AsShipped">
/// Whether matrix products go as Debian ships them. Its OpenBLAS may be older than the processor, which then gets kernels of a fifth of its rate;
/// otherwise the peer is given the kernels that NcService.Torch chooses for itself.
/// </param>
internal sealed record NamedPeer(string Name, string Script, string Arguments, bool AsShipped = false)
{
    /// <summary>The same work with matrix products at both rates.</summary>
    public static IReadOnlyList<NamedPeer> BothWays(string name, string script, string arguments) =>
        [new(name, script, arguments), new($"{name}, OpenBLAS as Debian ships it", script, arguments, AsShipped: true)];
}
