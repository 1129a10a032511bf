using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using NcService.Cli.Remote;
using NcService.Core;
using Spectre.Console;

namespace NcService.Cli.Verbs;

/// <summary>ncctl submit: asks a server for a study, a dataset or a permutation test, and returns at once.</summary>
internal static class SubmitVerb
{
    public static Command Create()
    {
        var command = new Command("submit", "Ask a server for work: the analysis of a checkpoint, or what the verbs below name; wait tells when it is done") { Study(), Dataset(), PermutationTest() };
        SubmitCheckpoint.AddTo(command);
        return command;
    }

    private static Command Study()
    {
        var input = Input("A study's definition as JSON, as POST /api/v1/studies takes it");
        var preset = new Option<string?>("--preset") { Description = "A ready-made study of the server's: demo, paper-grid, paper-seeds", HelpName = "NAME" };
        var name = new Option<string?>("--name") { Description = "Another name for a preset's study" };
        var key = new Option<string?>("--idempotency-key") { Description = "The same request with the same key makes one study", HelpName = "KEY" };
        var server = ServerOptions.Server();
        return new Command("study", "Submit a study") { input, preset, name, key, server }.Runs(async (verb, ct) =>
        {
            if (verb.Get(name) is not null && verb.Get(preset) is null) throw new InputException("--name goes with --preset; a definition has its own name");
            var body = (verb.Get(input), verb.Get(preset)) switch
            {
                ({ } file, null) => ReadJson(file),
                (null, { } known) => verb.Get(name) is { } other ? new JsonObject { ["preset"] = known, ["name"] = other } : new JsonObject { ["preset"] = known },
                _ => throw new InputException("exactly one of --input STUDY.json and --preset NAME is needed"),
            };
            using var client = new ServerClient(verb.Get(server));
            var answer = await client.PostAsync("studies", body.ToJsonString(), verb.Get(key), ct);
            return Print(verb, "study", (long)answer["study"]!["id"]!, jobId: null, "wait --study");
        });
    }

    private static Command Dataset()
    {
        var input = Input("A dataset's name and specification as JSON, as POST /api/v1/datasets takes it", required: true);
        var server = ServerOptions.Server();
        return new Command("dataset", "Submit the preparation of a dataset") { input, server }.Runs(async (verb, ct) =>
        {
            using var client = new ServerClient(verb.Get(server));
            var answer = await client.PostAsync("datasets", ReadJson(verb.Get(input)!).ToJsonString(), null, ct);
            return Print(verb, "dataset", (long)answer["id"]!, (long?)answer["jobId"], "wait --job");
        });
    }

    private static Command PermutationTest()
    {
        var study = new Option<long>("--study") { Description = "The study whose runs are tested", HelpName = "ID", Required = true };
        var input = Input("Run ids, measurements and the like as JSON; the largest group of seeds and every measurement unless given");
        var server = ServerOptions.Server();
        return new Command("permutation-test", "Submit a permutation test over a study's runs") { study, input, server }.Runs(async (verb, ct) =>
        {
            using var client = new ServerClient(verb.Get(server));
            var body = verb.Get(input) is { } file ? ReadJson(file) : [];
            var answer = await client.PostAsync($"studies/{verb.Get(study)}/permutation-tests", body.ToJsonString(), null, ct);
            return Print(verb, "permutation-test", (long)answer["id"]!, (long?)answer["jobId"], "wait --job");
        });
    }

    private static Option<FileInfo?> Input(string description, bool required = false) =>
        new("--input", "-i") { Description = description, HelpName = "FILE.json", Required = required };

    private static JsonObject ReadJson(FileInfo file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file.FullName)) as JsonObject ?? throw new InputException($"{file.FullName} must hold one JSON object");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"cannot read {file.FullName}: {fault.Message}", fault);
        }
        catch (JsonException fault)
        {
            throw new InputException($"{file.FullName} is not JSON: {fault.Message}", fault);
        }
    }

    private static int Print(VerbInvocation verb, string kind, long id, long? jobId, string wait)
    {
        verb.Print(
            new JsonObject { ["kind"] = kind, ["id"] = id, ["job_id"] = jobId },
            () => new Text($"{kind} {id} submitted; ncctl {wait} {jobId ?? id} waits for it\n"));
        return ExitCode.Done;
    }
}
