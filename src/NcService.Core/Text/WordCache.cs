namespace NcService.Core.Text;

/// <summary>
/// The ids of words seen lately. Direct-mapped: a word has one slot, and a newcomer takes it. So memory is bounded, and any number of
/// threads may read and write without locks: a slot is one reference to an immutable entry.
/// </summary>
internal sealed class WordCache
{
    private const int SlotBits = 17;

    // Longer words are rare and seldom come twice.
    private const int MaximumWordLength = 48;

    private readonly Entry?[] slots = new Entry?[1 << SlotBits];

    public int[]? Find(ReadOnlySpan<char> word)
    {
        if (word.Length > MaximumWordLength) return null;
        var entry = Volatile.Read(ref slots[Slot(word)]);
        return entry is not null && word.SequenceEqual(entry.Word) ? entry.Ids : null;
    }

    public void Store(ReadOnlySpan<char> word, int[] ids)
    {
        if (word.Length <= MaximumWordLength) Volatile.Write(ref slots[Slot(word)], new Entry(word.ToString(), ids));
    }

    private static int Slot(ReadOnlySpan<char> word)
    {
        var hash = 0u;
        foreach (var unit in word) hash = (hash ^ unit) * 0x9E3779B1u;
        return (int)((hash ^ (hash >> 15)) * 0x85EBCA77u >> (32 - SlotBits));
    }

    private sealed record Entry(string Word, int[] Ids);
}
