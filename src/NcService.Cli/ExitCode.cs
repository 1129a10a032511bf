namespace NcService.Cli;

/// <summary>What ncctl's exit status says.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int GateNotMet = 1;
    public const int BadInput = 2;
    public const int JobFailed = 3;
    public const int Cancelled = 4;
    public const int ServerUnreachable = 5;
    public const int TimedOut = 124;
}
