using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace NcService.Core.Tests.Text;

/// <summary>Runs JavaScript in Node, with the npm package gpt-3-encoder at hand as <c>encoder</c> and parsed input as <c>input</c>.</summary>
internal static class ReferenceEncoder
{
    public static string? SkipReason { get; } =
        AssetFolder.TryFind("gpt-3-encoder") is null ? "needs assets/gpt-3-encoder, which `make setup` fetches"
        : FindNode() is null ? "needs Node (`node`) to run the reference encoder"
        : null;

    /// <summary>The ids that the reference gives for each text.</summary>
    public static int[][] Encode(IReadOnlyList<string> texts) =>
        JsonSerializer.Deserialize<int[][]>(Run("input.map(text => encoder.encode(text))", texts))!;

    /// <summary>Evaluates an expression and gives its JSON.</summary>
    public static string Run(string expression, IReadOnlyList<string> input)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Json(input), Encoding.ASCII);
            var script = "const encoder = require(process.argv[1]);"
                + "const input = JSON.parse(require('fs').readFileSync(process.argv[2], 'utf8'));"
                + $"process.stdout.write(JSON.stringify({expression}));";
            var start = new ProcessStartInfo(FindNode()!, ["-e", script, Path.GetFullPath(AssetFolder.Find("gpt-3-encoder")), file])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                StandardOutputEncoding = Encoding.UTF8,
            };
            using var node = Process.Start(start)!;
            var output = node.StandardOutput.ReadToEnd();
            node.WaitForExit();
            Assert.Equal(0, node.ExitCode);
            return output;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Strings as ASCII JSON, every odd unit escaped: the usual writer replaces halves of surrogate pairs.</summary>
    private static string Json(IReadOnlyList<string> texts)
    {
        var json = new StringBuilder("[");
        foreach (var text in texts)
        {
            json.Append(json.Length == 1 ? "\"" : ",\"");
            foreach (var unit in text)
            {
                if (unit is >= ' ' and <= '~' and not '"' and not '\\') json.Append(unit);
                else json.Append($"\\u{(int)unit:X4}");
            }
            json.Append('"');
        }
        return json.Append(']').ToString();
    }

    private static string? FindNode() => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, "node")).FirstOrDefault(File.Exists);
}
