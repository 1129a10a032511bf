namespace NcService.Core.Text;

/// <summary>
/// GPT-2's way of writing any byte as a printable character, so that tokens can stand in text files: printable Latin-1 characters stand
/// for themselves, the other 68 bytes for U+0100 and up. The order of the characters is also the order of ids 0 to 255.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly byte[] BytesInIdOrder = Order();
    private static readonly char[] CharacterOfByte = Characters();
    private static readonly short[] ByteOfCharacter = Inverse();

    /// <summary>The 256 bytes in the order of their token ids.</summary>
    public static ReadOnlySpan<byte> IdOrder => BytesInIdOrder;

    /// <summary>Bytes as printable characters.</summary>
    public static string ToText(ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) characters[i] = CharacterOfByte[bytes[i]];
        return new string(characters);
    }

    /// <summary>The bytes that printable characters stand for, or null where a character stands for none.</summary>
    public static byte[]? ToBytes(ReadOnlySpan<char> text)
    {
        var bytes = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] >= ByteOfCharacter.Length || ByteOfCharacter[text[i]] < 0) return null;
            bytes[i] = (byte)ByteOfCharacter[text[i]];
        }
        return bytes;
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static byte[] Order() =>
        [.. Enumerable.Range(0, 256).Where(IsPrintable).Concat(Enumerable.Range(0, 256).Where(value => !IsPrintable(value))).Select(value => (byte)value)];

    private static char[] Characters()
    {
        var characters = new char[256];
        var next = 256;
        for (var value = 0; value < 256; value++) characters[value] = (char)(IsPrintable(value) ? value : next++);
        return characters;
    }

    private static short[] Inverse()
    {
        var bytes = new short[512];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < 256; value++) bytes[CharacterOfByte[value]] = (short)value;
        return bytes;
    }
}
