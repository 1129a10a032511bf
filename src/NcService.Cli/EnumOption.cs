using System.CommandLine;
using NcService.Core;

namespace NcService.Cli;

/// <summary>Options whose values are the names of an enumeration, written with hyphens: JsonLines is json-lines.</summary>
internal static class EnumOption
{
    public static Option<T> Of<T>(string name, string description, T @default)
        where T : struct, Enum
    {
        var option = new Option<T>(name)
        {
            Description = $"{description}: {string.Join(", ", Names<T>())}",
            HelpName = "KIND",
            DefaultValueFactory = _ => @default,
            CustomParser = result =>
            {
                var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
                foreach (var value in Enum.GetValues<T>())
                {
                    if (string.Equals(Name(value), text, StringComparison.OrdinalIgnoreCase)) return value;
                }
                result.AddError($"{name} '{text}' is not one of {string.Join(", ", Names<T>())}{NearestName.Hint(text, Names<T>())}");
                return @default;
            },
        };
        option.CompletionSources.Add([.. Names<T>()]);
        return option;
    }

    /// <summary>The value's name with hyphens.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum
    {
        var name = value.ToString();
        // BFloat16 is bfloat16: a hyphen stands where a capital follows a small letter or a digit.
        return string.Concat(name.Select((letter, i) =>
            char.IsUpper(letter) ? (i > 0 && !char.IsUpper(name[i - 1]) ? "-" : "") + char.ToLowerInvariant(letter) : letter.ToString()));
    }

    private static IEnumerable<string> Names<T>()
        where T : struct, Enum => Enum.GetValues<T>().Select(Name);
}
