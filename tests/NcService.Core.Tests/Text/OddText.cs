using System.Text;

namespace NcService.Core.Tests.Text;

/// <summary>Text that trips tokenizers: many scripts, emoji, odd white space, numbers of other scripts, lone marks, broken pairs.</summary>
internal static class OddText
{
    // Blocks whose assignments have been stable since Unicode 12, so that any Node agrees on what is a letter.
    private static readonly (int First, int Last)[] Blocks =
    [
        (0x21, 0x7E), (0x61, 0x7A), (0x30, 0x39), (0xA1, 0x17F), (0x300, 0x36F), (0x391, 0x3A1), (0x410, 0x44F), (0x5D0, 0x5EA), (0x621, 0x652),
        (0x660, 0x669), (0x915, 0x94D), (0x966, 0x96F), (0xE01, 0xE30), (0xE50, 0xE59), (0x10A0, 0x10C5), (0x1100, 0x1159), (0x200B, 0x200F),
        (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x2071), (0x2080, 0x208E), (0x20A0, 0x20B9), (0x2150, 0x2188), (0x2190, 0x21FF), (0x2460, 0x24FF),
        (0x3007, 0x3007), (0x3021, 0x3029), (0x3041, 0x3096), (0x30A1, 0x30FA), (0x4E00, 0x9FA5), (0xAC00, 0xD7A3), (0xE000, 0xE010), (0xFE00, 0xFE0F),
        (0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFFF9, 0xFFFD), (0x10000, 0x1000B), (0x10107, 0x10133), (0x1D400, 0x1D454), (0x1D7CE, 0x1D7FF),
        (0x1F1E6, 0x1F1FF), (0x1F300, 0x1F64F), (0x1F680, 0x1F6C5), (0x1F3FB, 0x1F3FF), (0x20000, 0x20100), (0xE0001, 0xE0001), (0xE0100, 0xE01EF), (0x10FFF0, 0x10FFFD),
    ];

    private static readonly string[] Pieces =
    [
        " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", " \n ", "\u00A0", "\u0085", "\uFEFF", "\u180E", "\u1680", "\u2003", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000",
        "\u001C", "\u001F", "\0", "\v", "\f", "\u200B", "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'LL", "\u2019s", "''s", " 's", "'", "don't", "we'll've",
        "<|endoftext|>", " <|endoftext|>", "\uD83D", "\uDE00", "\uDE00\uD83D", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "e\u0301", "\u0301", " \u0301", "1\u20E3", "½", "Ⅷ", "２０２６", "٣٤٥",
        "x²", "aaaaaaaaaaaaaaaa", "        ", "================", "https://example.org/?q=1&r=2", "3.14159", "1,000,000", "\"},", "\",\"", "'],['", " the", " of", "The", "ing",
    ];

    /// <summary>About so many UTF-16 units; the same seed gives the same text.</summary>
    public static string Generate(int seed, int length)
    {
        var random = new Random(seed);
        var text = new StringBuilder(length + 64);
        while (text.Length < length)
        {
            if (random.Next(3) == 0) text.Append(Pieces[random.Next(Pieces.Length)]);
            else AppendRun(text, random);
            if (random.Next(3) == 0) text.Append(' ');
        }
        return text.ToString();
    }

    private static void AppendRun(StringBuilder text, Random random)
    {
        var (first, last) = Blocks[random.Next(Blocks.Length)];
        for (var left = random.Next(1, 8); left > 0; left--) text.Append(char.ConvertFromUtf32(random.Next(first, last + 1)));
    }
}
