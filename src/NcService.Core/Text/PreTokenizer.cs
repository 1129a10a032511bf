namespace NcService.Core.Text;

/// <summary>
/// Cuts text into the words that BPE merges within, as GPT-2's pattern does (Radford et al. 2019):
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// The words cover the text without gaps. <see cref="CharacterClasses"/> says what the classes hold.
/// </summary>
internal static class PreTokenizer
{
    /// <summary>Where the word that begins at <paramref name="start"/> ends (exclusive).</summary>
    public static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var first = text[start];
        if (first == '\'' && ContractionLength(text[(start + 1)..]) is > 0 and var length) return start + 1 + length;

        // " ?" before letters, numbers or others: one space belongs to what follows it.
        var body = start;
        var bodyClass = ClassAt(text, body, out var width);
        if (first == ' ' && start + 1 < text.Length)
        {
            var next = ClassAt(text, start + 1, out var nextWidth);
            if (next != CharacterClass.Space) (body, bodyClass, width) = (start + 1, next, nextWidth);
        }
        var end = RunEnd(text, body + width, bodyClass);
        if (bodyClass != CharacterClass.Space) return end;

        // \s+(?!\S) gives the last white space of a run back to the word after it, unless it is the only one.
        return end == text.Length || end - start == 1 ? end : end - 1;
    }

    /// <summary>The letters of a contraction's ending after its apostrophe, or 0.</summary>
    private static int ContractionLength(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return 0;
        if (text[0] is 's' or 't' or 'm' or 'd') return 1;
        return text.Length >= 2 && (text[0], text[1]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 2 : 0;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int position, CharacterClass runClass)
    {
        while (position < text.Length && ClassAt(text, position, out var width) == runClass) position += width;
        return position;
    }

    private static CharacterClass ClassAt(ReadOnlySpan<char> text, int position, out int width)
    {
        width = 1;
        var unitClass = CharacterClasses.OfUnit(text[position]);
        return unitClass == CharacterClass.Surrogate ? ClassOfPair(text, position, out width) : unitClass;
    }

    private static CharacterClass ClassOfPair(ReadOnlySpan<char> text, int position, out int width)
    {
        width = 1;
        if (position + 1 >= text.Length || !char.IsSurrogatePair(text[position], text[position + 1])) return CharacterClass.Other;
        width = 2;
        return CharacterClasses.OfCodePoint(char.ConvertToUtf32(text[position], text[position + 1]));
    }
}
