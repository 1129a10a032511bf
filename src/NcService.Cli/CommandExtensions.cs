using System.CommandLine;

namespace NcService.Cli;

internal static class CommandExtensions
{
    /// <summary>Lets the command run <paramref name="verb"/>, its faults turned into exit statuses.</summary>
    public static Command Runs(this Command command, Func<VerbInvocation, CancellationToken, Task<int>> verb)
    {
        command.SetAction((result, ct) => new VerbInvocation(result).RunAsync(verb, ct));
        return command;
    }

    /// <summary>The same for a verb that computes and never waits.</summary>
    public static Command Runs(this Command command, Func<VerbInvocation, CancellationToken, int> verb) =>
        command.Runs((invocation, ct) => Task.Run(() => verb(invocation, ct), ct));
}
