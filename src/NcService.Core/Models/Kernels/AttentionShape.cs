namespace NcService.Core.Models.Kernels;

/// <summary>Sizes of a causal attention over packed queries, keys and values [B · T, 3 d].</summary>
/// <param name="Batch">B.</param>
/// <param name="Length">T.</param>
/// <param name="Heads">H.</param>
/// <param name="HeadSize">d / H.</param>
/// <param name="Window">Positions a query sees, itself included; T or more is global attention.</param>
internal readonly record struct AttentionShape(int Batch, int Length, int Heads, int HeadSize, int Window)
{
    /// <summary>d.</summary>
    public int Width => Heads * HeadSize;

    /// <summary>T rounded up to whole vectors.</summary>
    public int PaddedLength => (Length + 15) & ~15;

    /// <summary>First key that a query sees.</summary>
    public int FirstKey(int query) => Math.Max(0, query - Window + 1);
}
