using NcService.Core;

namespace NcService.Platform.Studies;

/// <summary>Tags of a study or run, kept as one text: in lower case, in order, a comma before, between and after them, so that <c>,tag,</c> finds one.</summary>
public static class TagList
{
    /// <summary>Most characters of one tag.</summary>
    public const int MaximumTagLength = 40;

    /// <summary>Most tags of one study or run.</summary>
    public const int MaximumTags = 20;

    /// <summary>The tags of a text as the store keeps it.</summary>
    public static IReadOnlyList<string> Read(string tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        return tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The text that the store keeps; empty for no tags.</summary>
    /// <param name="tags">Tags as they were typed; each is taken once.</param>
    /// <exception cref="InputException">A tag is too long or holds a control character, or there are too many.</exception>
    public static string Write(IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(tags);
        var clean = tags.SelectMany(Read).Select(tag => tag.ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal).ToList();
        if (clean.Count > MaximumTags) throw new InputException($"{clean.Count} tags: at most {MaximumTags} are possible ({nameof(MaximumTags)}).");
        foreach (var tag in clean)
        {
            if (tag.Length > MaximumTagLength) throw new InputException($"The tag '{tag[..MaximumTagLength]}…' has {tag.Length} characters, at most {MaximumTagLength} are possible ({nameof(MaximumTagLength)}).");
            if (tag.Any(char.IsControl)) throw new InputException("A tag holds a control character.");
        }
        return clean.Count == 0 ? "" : $",{string.Join(',', clean)},";
    }

    /// <summary>How the text of one tag is found among those that the store keeps.</summary>
    public static string Needle(string tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        return $",{tag.Trim().ToLowerInvariant()},";
    }
}
