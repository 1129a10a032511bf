using System.Reflection;
using System.Text.RegularExpressions;
using NcService.Torch.Interop;

namespace NcService.Torch.Tests;

/// <summary>The two sides of the bridge declare the same functions: what native/ exports is what Bridge.cs imports.</summary>
public partial class BridgeTableTests
{
    [NativeSourcesFact]
    public void Imports_are_the_exports()
    {
        var exports = Directory.GetFiles(NativeSourcesFactAttribute.Folder, "*.cpp")
            .SelectMany(file => Export().Matches(File.ReadAllText(file)))
            .Select(match => $"{Size(match.Groups["result"].Value.Trim())} {match.Groups["name"].Value}({string.Join(", ", Parameters(match.Groups["parameters"].Value).Select(Size))})");
        var imports = typeof(Bridge).GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Where(method => method.Name.StartsWith("nc_", StringComparison.Ordinal))
            .Select(method => $"{Size(method.ReturnType)} {method.Name}({string.Join(", ", method.GetParameters().Select(parameter => Size(parameter.ParameterType)))})");

        Assert.Equal(exports.Order(StringComparer.Ordinal), imports.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Parameters(string list) =>
        list.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(declaration => declaration.Trim()).Select(declaration => declaration[..(declaration.LastIndexOfAny([' ', '*', '&']) + 1)].Trim());

    private static string Size(string type) => type switch
    {
        "void" => "void",
        "int32_t" => "4",
        "int64_t" or "uint64_t" => "8",
        _ when type.EndsWith('*') || type is "TensorHandle" or "Backward" or "Release" => "pointer",
        _ => throw new NotSupportedException($"{type} has no counterpart in C#"),
    };

    private static string Size(Type type) =>
        type == typeof(void) ? "void"
        : type == typeof(int) ? "4"
        : type == typeof(long) || type == typeof(ulong) ? "8"
        : type == typeof(nint) || type.IsPointer || type.IsByRef || type.IsFunctionPointer || type == typeof(string) ? "pointer"
        : throw new NotSupportedException($"{type} has no counterpart in C++");

    [GeneratedRegex(@"NC_API\s+(?<result>[\w:\s]+?[\s*]+)(?<name>nc_\w+)\((?<parameters>[^)]*)\)\s*\{", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Export();
}
