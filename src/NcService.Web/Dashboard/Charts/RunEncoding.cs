namespace NcService.Web.Dashboard.Charts;

/// <summary>Which colour a width has and which shape a depth has: the same in every figure and key of a study.</summary>
public sealed class RunEncoding
{
    private const int Colours = 10;
    private static readonly string[] s_symbols = ["circle", "square", "diamond", "triangle-up", "cross", "x", "triangle-down", "star", "pentagon", "hexagon"];
    private static readonly string[] s_paths =
    [
        "M5 1a4 4 0 1 0 0 8a4 4 0 1 0 0-8z", "M1.5 1.5h7v7h-7z", "M5 .5 9.5 5 5 9.5.5 5z", "M5 1 9.3 8.7H.7z", "M3.5 .8h3v2.7h2.7v3H6.5v2.7h-3V6.5H.8v-3h2.7z",
        "M2.3.9 5 3.6 7.7.9 9.1 2.3 6.4 5 9.1 7.7 7.7 9.1 5 6.4 2.3 9.1.9 7.7 3.6 5 .9 2.3z", "M5 9 .7 1.3h8.6z",
        "M5 .5 6.2 3.9 9.8 4 6.9 6.2 8 9.6 5 7.5 2 9.6 3.1 6.2.2 4l3.6-.1z", "M5 .6 9.4 3.8 7.7 9H2.3L.6 3.8z", "M2.7 1h4.6L9.6 5 7.3 9H2.7L.4 5z",
    ];

    /// <summary>Assigns colours and shapes to the widths and depths of a set of runs.</summary>
    public RunEncoding(IEnumerable<int> widths, IEnumerable<int> depths)
    {
        Widths = [.. widths.Distinct().Order()];
        Depths = [.. depths.Distinct().Order()];
    }

    /// <summary>Widths, ascending.</summary>
    public IReadOnlyList<int> Widths { get; }

    /// <summary>Depths, ascending.</summary>
    public IReadOnlyList<int> Depths { get; }

    /// <summary>What the colours of widths mean.</summary>
    public IReadOnlyList<LegendEntry> WidthLegend => [.. Widths.Select(width => new LegendEntry($"width {width}", $"@v{ColourOf(width)}"))];

    /// <summary>What the shapes of depths mean, where colour is width.</summary>
    public IReadOnlyList<LegendEntry> DepthLegend => [.. Depths.Select(depth => new LegendEntry($"depth {depth}", "@ink-2", SymbolOf(depth)))];

    /// <summary>Step of the palette, 0 to 9: evenly spread over the widths, so that order can be seen.</summary>
    public int ColourOf(int width) => Spread(Widths, width);

    /// <summary>The same over the depths, for figures with a line per depth.</summary>
    public int ColourOfDepth(int depth) => Spread(Depths, depth);

    /// <summary>The plotly symbol of a depth.</summary>
    public string SymbolOf(int depth) => s_symbols[IndexOf(Depths, depth) % s_symbols.Length];

    /// <summary>The same symbol as an SVG path in a box of 10 × 10.</summary>
    public string PathOf(int depth) => s_paths[IndexOf(Depths, depth) % s_paths.Length];

    private static int Spread(IReadOnlyList<int> values, int value) => values.Count < 2 ? 3 : (int)Math.Round((Colours - 1.0) * IndexOf(values, value) / (values.Count - 1));

    private static int IndexOf(IReadOnlyList<int> values, int value)
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (values[i] == value) return i;
        }
        return 0;
    }
}
