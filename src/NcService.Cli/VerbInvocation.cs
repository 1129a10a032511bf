using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NcService.Cli.Remote;
using NcService.Core;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace NcService.Cli;

/// <summary>One call of a verb: its options, and where it may write.</summary>
internal sealed class VerbInvocation(ParseResult result)
{
    private static readonly JsonSerializerOptions s_jsonOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A program reads standard output.</summary>
    public bool Json { get; } = result.GetValue(NcctlCommand.Json);

    /// <summary>Standard output.</summary>
    public TextWriter Output { get; } = result.InvocationConfiguration.Output;

    /// <summary>Standard error, for progress and remarks.</summary>
    public TextWriter Error { get; } = result.InvocationConfiguration.Error;

    private string Name { get; } = NcctlCommand.FullName(result.CommandResult);

    /// <summary>The option's value, given or default.</summary>
    public T? Get<T>(Option<T> option) => result.GetValue(option);

    /// <summary>Whether the option stands on the command line, and is not its default.</summary>
    public bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };

    /// <summary>The value of an option that is required or has a default.</summary>
    public T Require<T>(Option<T> option) => result.GetRequiredValue(option);

    /// <summary>The argument's value.</summary>
    public T Require<T>(Argument<T> argument) => result.GetRequiredValue(argument);

    /// <summary>A remark beside the result, one line on standard error.</summary>
    public void Remark(string text) => Error.WriteLine($"{Name}: {text.ReplaceLineEndings(" ")}");

    /// <summary>Prints the result: <paramref name="json"/> for programs, else what <paramref name="people"/> makes of it.</summary>
    public void Print(JsonNode json, Func<IRenderable> people)
    {
        if (Json) Output.WriteLine(json.ToJsonString(s_jsonOptions));
        else ConsoleOn(Output).Write(people());
    }

    /// <summary>A console on standard error for progress bars, or null where none should be drawn: not a terminal.</summary>
    public IAnsiConsole? ProgressConsole() => Error != Console.Error || Console.IsErrorRedirected ? null : ConsoleOn(Error);

    /// <summary>Runs the verb and turns what it throws into a line on standard error and an exit status.</summary>
    public async Task<int> RunAsync(Func<VerbInvocation, CancellationToken, Task<int>> verb, CancellationToken ct)
    {
        try
        {
            return await verb(this, ct);
        }
        catch (InputException fault)
        {
            Remark(fault.Message);
            return ExitCode.BadInput;
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Remark("cancelled");
            return ExitCode.Cancelled;
        }
        catch (ServerUnreachableException fault)
        {
            Remark(fault.Message);
            return ExitCode.ServerUnreachable;
        }
#pragma warning disable CA1031 // The last resort: whatever else went wrong, the caller gets one line and a status.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            // A type initialiser wraps what matters, such as a native library that is not there.
            var cause = fault is TypeInitializationException ? fault.GetBaseException() : fault;
            Remark($"failed: {cause.Message} ({cause.GetType().Name})");
            return ExitCode.JobFailed;
        }
    }

    private static IAnsiConsole ConsoleOn(TextWriter writer)
    {
        var terminal = (writer == Console.Out && !Console.IsOutputRedirected) || (writer == Console.Error && !Console.IsErrorRedirected);
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = terminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = terminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        // In a file or a pipe long rows stay on their line.
        if (!terminal) console.Profile.Width = 200;
        return console;
    }
}
