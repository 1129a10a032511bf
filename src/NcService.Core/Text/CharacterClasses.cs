using System.Globalization;

namespace NcService.Core.Text;

/// <summary>What GPT-2's pattern tells apart.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither of the others: punctuation, marks, symbols, controls, unassigned, half a surrogate pair.</summary>
    Other,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,

    /// <summary><c>\s</c>.</summary>
    Space,

    /// <summary>A UTF-16 surrogate: its class is that of the pair.</summary>
    Surrogate,
}

/// <summary>
/// Classes of code points, those of the npm package gpt-3-encoder on Node 20 (ECMAScript patterns with the flag <c>u</c>, Unicode 17).
/// <list type="bullet">
/// <item><c>\s</c> is ECMAScript's: with U+FEFF, without U+0085, U+180E and U+001C–U+001F. The original Python code (package
/// <c>regex</c>) and Hugging Face's tokenizer differ at two code points: there U+0085 is white space and U+FEFF is not.</item>
/// <item><c>\p{L}</c> and <c>\p{N}</c> are .NET's (Unicode 16 in .NET 10) with what Unicode 17 added, so that ids depend neither
/// on the run time's version nor on the machine.</item>
/// </list>
/// </summary>
internal static class CharacterClasses
{
    // Assigned by Unicode 17, still unassigned in .NET 10.
    private static readonly (int First, int Last, CharacterClass Class)[] Unicode17 =
    [
        (0x088F, 0x088F, CharacterClass.Letter), (0x0C5C, 0x0C5C, CharacterClass.Letter), (0x0CDC, 0x0CDC, CharacterClass.Letter),
        (0xA7CE, 0xA7CF, CharacterClass.Letter), (0xA7D2, 0xA7D2, CharacterClass.Letter), (0xA7D4, 0xA7D4, CharacterClass.Letter),
        (0xA7F1, 0xA7F1, CharacterClass.Letter), (0x10940, 0x10959, CharacterClass.Letter), (0x10EC5, 0x10EC7, CharacterClass.Letter),
        (0x11DB0, 0x11DDB, CharacterClass.Letter), (0x11DE0, 0x11DE9, CharacterClass.Number), (0x16EA0, 0x16EB8, CharacterClass.Letter),
        (0x16EBB, 0x16ED3, CharacterClass.Letter), (0x16FF2, 0x16FF3, CharacterClass.Letter), (0x16FF4, 0x16FF6, CharacterClass.Number),
        (0x187F8, 0x187FF, CharacterClass.Letter), (0x18D09, 0x18D1E, CharacterClass.Letter), (0x18D80, 0x18DF2, CharacterClass.Letter),
        (0x1E6C0, 0x1E6DE, CharacterClass.Letter), (0x1E6E0, 0x1E6E2, CharacterClass.Letter), (0x1E6E4, 0x1E6E5, CharacterClass.Letter),
        (0x1E6E7, 0x1E6ED, CharacterClass.Letter), (0x1E6F0, 0x1E6F4, CharacterClass.Letter), (0x1E6FE, 0x1E6FF, CharacterClass.Letter),
        (0x2B73A, 0x2B73F, CharacterClass.Letter), (0x2CEA2, 0x2CEAD, CharacterClass.Letter), (0x323B0, 0x33479, CharacterClass.Letter),
    ];

    private static readonly CharacterClass[] BasicPlane = Tabulate();

    /// <summary>The class of a UTF-16 unit.</summary>
    public static CharacterClass OfUnit(char unit) => BasicPlane[unit];

    /// <summary>The class of a code point, U+0000 to U+10FFFF.</summary>
    public static CharacterClass OfCodePoint(int codePoint)
    {
        if (IsSpace(codePoint)) return CharacterClass.Space;
        var category = CharUnicodeInfo.GetUnicodeCategory(codePoint);
        return category switch
        {
            <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Number,
            UnicodeCategory.OtherNotAssigned => OfLaterVersion(codePoint),
            _ => CharacterClass.Other,
        };
    }

    private static bool IsSpace(int codePoint) => codePoint is
        (>= 0x09 and <= 0x0D) or 0x20 or 0xA0 or 0x1680 or (>= 0x2000 and <= 0x200A) or 0x2028 or 0x2029 or 0x202F or 0x205F or 0x3000 or 0xFEFF;

    private static CharacterClass OfLaterVersion(int codePoint)
    {
        foreach (var (first, last, @class) in Unicode17)
        {
            if (codePoint >= first && codePoint <= last) return @class;
        }
        return CharacterClass.Other;
    }

    private static CharacterClass[] Tabulate()
    {
        var table = new CharacterClass[1 << 16];
        for (var unit = 0; unit < table.Length; unit++)
            table[unit] = char.IsSurrogate((char)unit) ? CharacterClass.Surrogate : OfCodePoint(unit);
        return table;
    }
}
