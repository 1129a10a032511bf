namespace NcService.Web.Checkpoints;

/// <summary>The check sum of zip archives (ISO 3309: polynomial 0x04C11DB7, bits reversed), added up piece by piece. The runtime has only another polynomial's.</summary>
internal static class Crc32
{
    /// <summary>The sum of nothing.</summary>
    public const uint Start = uint.MaxValue;

    private const uint ReversedPolynomial = 0xEDB88320;
    private static readonly uint[] s_ofByte = [.. Enumerable.Range(0, 256).Select(OfByte)];

    /// <summary>The sum with more bytes behind it.</summary>
    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes) sum = (sum >> 8) ^ s_ofByte[(byte)(sum ^ value)];
        return sum;
    }

    /// <summary>The sum as archives write it.</summary>
    public static uint End(uint sum) => ~sum;

    private static uint OfByte(int value)
    {
        var sum = (uint)value;
        for (var bit = 0; bit < 8; bit++) sum = (sum & 1) == 0 ? sum >> 1 : (sum >> 1) ^ ReversedPolynomial;
        return sum;
    }
}
