using System.Globalization;
using System.Text.RegularExpressions;

namespace NcService.Platform.Studies;

/// <summary>
/// The authors' names of models: <c>02x0768_01d07@0</c> is depth 2, width 768, 1 epoch, the default weight decay (n: none, d: 5e-4, L: 0.1),
/// seed 7, checkpoint 0. Decays that have no letter are written out: <c>02x0768_01w0.01s07</c>.
/// </summary>
public sealed partial record RunName
{
    private static readonly (string Letter, double Decay)[] Letters = [("n", 0), ("d", 0.0005), ("L", 0.1)];

    /// <summary>Number of blocks L.</summary>
    public required int Depth { get; init; }

    /// <summary>Dimension d.</summary>
    public required int Width { get; init; }

    /// <summary>Epochs trained for.</summary>
    public required int Epochs { get; init; }

    /// <summary>Weight decay.</summary>
    public required double WeightDecay { get; init; }

    /// <summary>Seed; null where the name has none.</summary>
    public int? Seed { get; init; }

    /// <summary>Index of the checkpoint within its training; null where the name has none.</summary>
    public int? Checkpoint { get; init; }

    /// <summary>Reads a name; null where it is of another form.</summary>
    public static RunName? TryParse(string text)
    {
        var match = Form().Match(text);
        if (!match.Success) return null;
        var letter = match.Groups["letter"].Value;
        return new RunName
        {
            Depth = Number(match.Groups["depth"]),
            Width = Number(match.Groups["width"]),
            Epochs = Number(match.Groups["epochs"]),
            WeightDecay = letter.Length > 0
                ? Letters.Single(pair => pair.Letter == letter).Decay
                : double.Parse(match.Groups["decay"].ValueSpan, CultureInfo.InvariantCulture),
            Seed = match.Groups["seed"].Success ? Number(match.Groups["seed"]) : null,
            Checkpoint = match.Groups["checkpoint"].Success ? Number(match.Groups["checkpoint"]) : null,
        };

        static int Number(Group group) => int.Parse(group.ValueSpan, CultureInfo.InvariantCulture);
    }

    /// <summary>The name in that form.</summary>
    public override string ToString()
    {
        var decay = Array.Find(Letters, pair => pair.Decay == WeightDecay).Letter;
        var seed = Seed is { } number ? $"{number:00}" : "";
        return $"{Depth:00}x{Width:0000}_{Epochs:00}"
            + (decay is null ? string.Create(CultureInfo.InvariantCulture, $"w{WeightDecay}") + (seed.Length > 0 ? "s" : "") : decay)
            + seed
            + (Checkpoint is { } checkpoint ? $"@{checkpoint}" : "");
    }

    [GeneratedRegex(@"^(?<depth>\d{1,4})x(?<width>\d{1,6})_(?<epochs>\d{1,5})(?:(?<letter>[ndL])|w(?<decay>\d+(?:\.\d+)?(?:E-\d+)?)s?)(?<seed>\d{1,9})?(?:@(?<checkpoint>\d{1,6}))?$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Form();
}
