using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using NcService.Cli.Verbs;
using NcService.Core;

namespace NcService.Cli;

/// <summary>The command line as a whole: its verbs, and what a mistake in it looks like.</summary>
internal static class NcctlCommand
{
    /// <summary>Results as JSON on standard output, and nothing else there.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "Print the result as JSON on standard output", Recursive = true };

    /// <summary>Parses and runs a command line.</summary>
    /// <returns>The exit status, see <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter error, CancellationToken ct = default)
    {
        // A value such as @file stays a value: no response files.
        var result = Create().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (result.Errors.Count > 0 && result.Action is not HelpAction)
        {
            await error.WriteLineAsync($"{FullName(result.CommandResult)}: {Mistake(result)}");
            return ExitCode.BadInput;
        }
        return await result.InvokeAsync(
            new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                // Ctrl-C and SIGTERM cancel the verb, which then has this long to end with its own exit status.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
            },
            ct);
    }

    /// <summary>"ncctl dataset prepare", as the user typed it.</summary>
    public static string FullName(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{FullName(parent)} {command.Command.Name}" : "ncctl";

    private static RootCommand Create()
    {
        var root = new RootCommand("Measures neural collapse in language models, and what it has to do with generalisation.") { Json };
        foreach (var verb in AllVerbs.Create()) root.Add(verb);
        return root;
    }

    private static string Mistake(ParseResult result)
    {
        var command = result.CommandResult.Command;
        if (result.UnmatchedTokens is [var token, ..])
        {
            if (token.StartsWith('-'))
            {
                var options = Options(result.CommandResult).Where(option => !option.Hidden).Select(option => option.Name);
                return $"unknown option '{token}'{NearestName.Hint(token, options)}";
            }
            if (command.Subcommands.Count > 0) return $"unknown verb '{token}'{Verbs(command, token)}";
            return $"unexpected argument '{token}'";
        }
        if (command.Subcommands.Count > 0) return $"a verb is missing{Verbs(command, "")}";
        return result.Errors[0].Message.ReplaceLineEndings(" ");
    }

    private static string Verbs(Command command, string token)
    {
        var names = command.Subcommands.Select(verb => verb.Name).ToArray();
        var hint = NearestName.Hint(token, names);
        return hint.Length > 0 ? hint : $" (there are {string.Join(", ", names)})";
    }

    private static IEnumerable<Option> Options(CommandResult command) => command.Parent is CommandResult parent
        ? command.Command.Options.Concat(Options(parent).Where(option => option.Recursive))
        : command.Command.Options;
}
