using System.Buffers;
using System.Globalization;
using System.Text;

namespace NcService.Core.Text;

/// <summary>Shows the bytes of a token to people.</summary>
internal static class TokenDisplay
{
    public static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        while (!bytes.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var consumed) == OperationStatus.Done) Append(text, rune);
            else foreach (var value in bytes[..consumed]) text.Append(CultureInfo.InvariantCulture, $"\\x{value:X2}");
            bytes = bytes[consumed..];
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, Rune rune)
    {
        _ = rune.Value switch
        {
            '\n' => text.Append("\\n"),
            '\r' => text.Append("\\r"),
            '\t' => text.Append("\\t"),
            '\\' => text.Append("\\\\"),
            _ when IsInvisible(rune) => text.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:X}}}"),
            _ => text.Append(rune.ToString()),
        };
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || (Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator && rune.Value != ' ');
}
