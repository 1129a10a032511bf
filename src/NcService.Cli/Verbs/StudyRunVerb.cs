using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;
using NcService.Platform.Studies;

namespace NcService.Cli.Verbs;

/// <summary>ncctl study run: a whole study on this machine, with no server: dataset, trainings, analyses, permutation tests.</summary>
internal static class StudyRunVerb
{
    private static readonly JsonSerializerOptions s_format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
        ReadCommentHandling = JsonCommentHandling.Skip,
    };

    public static Command Create() => new("study", "Run studies") { Run() };

    private static Command Run()
    {
        var preset = new Option<string?>("--preset") { Description = $"A ready-made study: {string.Join(", ", StudyPresets.All.Keys)}", HelpName = "NAME" };
        var input = new Option<FileInfo?>("--input", "-i") { Description = "A study's definition as JSON, as the API takes it", HelpName = "STUDY.json" };
        var name = new Option<string?>("--name") { Description = "Another name for the study" };
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder of the store", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo("data") };
        var parallel = new Option<int>("--parallel")
        {
            // A child costs seconds of start-up, which is more than a small model's whole training.
            Description = "Child processes at a time, which share the cores: pays for large models; 0 does one job after the other in this process",
            HelpName = "N",
            DefaultValueFactory = _ => 0,
        };
        var device = DeviceOption.Create();
        var command = new Command("run", "Train, analyse and test a whole study here. A study of that name that was begun is continued")
        {
            preset, input, name, data, parallel, device,
        };
        return command.Runs(async (verb, ct) =>
        {
            if (verb.Get(parallel) < 0) throw new InputException($"--parallel {verb.Get(parallel)} must be at least 0");
            var definition = Definition(verb.Get(preset), verb.Get(input), verb.Get(name));
            var computeOn = DeviceOption.Resolve(verb.Require(device));
            await using var store = await LocalStore.OpenAsync(verb.Require(data).FullName, verb, options => options.Device = computeOn, ct);
            var studyId = await FindOrCreateAsync(store, definition, verb, ct);
            var progress = await ProgressDisplay.ShowAsync(verb, display => store.Get<StudyRunner>().RunAsync(
                studyId, verb.Get(parallel), new ReportTo<StudyProgress>(status => Report(display, status)), ct));
            var outcome = await StudyOutcome.LoadAsync(store, studyId, ct);
            verb.Print(outcome.Json(progress), outcome.People);
            return Ending(verb, progress);
        });
    }

    private static StudyDefinition Definition(string? preset, FileInfo? input, string? name)
    {
        var definition = (preset, input) switch
        {
            ({ } known, null) => StudyPresets.All.TryGetValue(known, out var found)
                ? found
                : throw new InputException($"no preset '{known}'{NearestName.Hint(known, StudyPresets.All.Keys)} (there are {string.Join(", ", StudyPresets.All.Keys)})"),
            (null, { } file) => Read(file.FullName),
            _ => throw new InputException("exactly one of --preset NAME and --input STUDY.json is needed"),
        };
        return name is null ? definition : definition with { Name = name };
    }

    private static StudyDefinition Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<StudyDefinition>(File.ReadAllText(path), s_format) ?? throw new InputException($"{path} holds null instead of a study");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {path}: {fault.Message}", fault);
        }
        catch (JsonException fault)
        {
            throw new InputException($"{path} is no definition of a study: {fault.Message}", fault);
        }
    }

    private static async Task<long> FindOrCreateAsync(LocalStore store, StudyDefinition definition, VerbInvocation verb, CancellationToken ct)
    {
        await using var context = await store.Get<IDbContextFactory<NcServiceContext>>().CreateDbContextAsync(ct);
        var existing = await context.Studies.AsNoTracking().SingleOrDefaultAsync(study => study.Name == definition.Name, ct);
        if (existing is null) return (await store.Get<StudyService>().CreateAsync(definition, "ncctl", null, ct)).Id;
        verb.Remark($"there is a study '{definition.Name}' already: going on with it; --name makes another");
        return existing.Id;
    }

    private static void Report(ProgressDisplay display, StudyProgress status)
    {
        var ended = status.Jobs.Count(job => job.State is JobState.Succeeded or JobState.Failed or JobState.Cancelled);
        var running = status.Jobs.Where(job => job.State == JobState.Running).ToList();
        var done = ended + running.Sum(job => job.Progress);
        var failed = status.Count(JobState.Failed);
        display.Report("study", done / status.Jobs.Count, $"{ended} of {status.Jobs.Count} jobs done, {running.Count} running{(failed > 0 ? $", {failed} failed" : "")}");
        display.ReportBeside([.. running.Select(job => ($"job {job.Id}", job.Progress, $"{EnumOption.Name(job.Kind)}: {job.ProgressText}"))]);
    }

    private static int Ending(VerbInvocation verb, StudyProgress progress)
    {
        foreach (var job in progress.Jobs.Where(job => job.State == JobState.Failed).Take(5))
            verb.Remark($"job {job.Id} ({EnumOption.Name(job.Kind)}) failed: {job.Error}");
        return progress.Count(JobState.Failed) > 0 ? ExitCode.JobFailed
            : progress.Count(JobState.Cancelled) > 0 ? ExitCode.Cancelled
            : ExitCode.Done;
    }
}
