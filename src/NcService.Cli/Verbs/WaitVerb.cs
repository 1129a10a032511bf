using System.CommandLine;
using NcService.Cli.Remote;
using NcService.Core;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl wait: until a job, or all of a study's jobs, have ended; the exit status says how.</summary>
internal static class WaitVerb
{
    public static Command Create()
    {
        var job = new Option<long?>("--job") { Description = "The job to wait for", HelpName = "ID" };
        var study = new Option<long?>("--study") { Description = "The study whose jobs to wait for", HelpName = "ID" };
        var timeout = new Option<double?>("--timeout") { Description = "Give up after so many seconds, with exit status 124", HelpName = "SECONDS" };
        var server = ServerOptions.Server();
        var command = new Command("wait", "Wait for a job or a study: exit 0 succeeded, 3 failed, 4 cancelled, 124 timed out") { job, study, timeout, server };
        return command.Runs(async (verb, ct) =>
        {
            var (kind, id) = (verb.Get(job), verb.Get(study)) switch
            {
                ({ } jobId, null) => ("job", jobId),
                (null, { } studyId) => ("study", studyId),
                _ => throw new InputException("exactly one of --job ID and --study ID is needed"),
            };
            if (verb.Get(timeout) is <= 0) throw new InputException($"--timeout {verb.Get(timeout)} must be above 0");
            using var client = new ServerClient(verb.Get(server));
            var deadline = verb.Get(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
            var status = await ProgressDisplay.ShowAsync(verb, display => JobWatch.FollowAsync(client, kind, id, deadline, display, ct));
            verb.Print(status.Json(kind, id), () => People(kind, id, status));
            if (status.Error is { } error) verb.Remark(error);
            return status.ExitCode;
        });
    }

    private static Table People(string kind, long id, JobStatus status)
    {
        var table = new Table().AddColumns(kind, $"{id}");
        table.AddRow("state", Markup.Escape(status.Ended ? status.State : $"{status.State} (gave up waiting)"));
        table.AddRow("progress", $"{100 * status.Progress:F0} %");
        if (status.Text is { } text) table.AddRow("", Markup.Escape(text));
        return table;
    }
}
