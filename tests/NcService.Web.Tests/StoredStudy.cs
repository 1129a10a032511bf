using NcService.Platform.Store;

namespace NcService.Web.Tests;

/// <summary>Rows as the workers leave them, for tests that read.</summary>
internal static class StoredStudy
{
    public static readonly DateTime Noon = new(2026, 1, 2, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>A study of trained and analysed runs: widths 32 and 64, one layer, seeds 0 to 3; the loss falls with cdnv.</summary>
    public static Study Trained(string name)
    {
        var study = new Study { Name = name, CreatedAt = Noon };
        foreach (var width in (int[])[32, 64])
        {
            for (var seed = 0; seed < 4; seed++)
            {
                var run = Run($"01x{width:0000}_01d{seed:00}", width, seed);
                run.ValidationLoss = 4 - width / 64.0 + seed * 0.1;
                run.Analyses.Add(new Analysis
                {
                    CreatedAt = Noon,
                    SampleCount = 1000,
                    ClassCount = 50,
                    Measurements =
                    {
                        new MeasurementRow { Name = "cdnv", Value = 2 * run.ValidationLoss + 1 },
                        new MeasurementRow { Name = "ncc_agreement", Value = 0.1 * seed },
                        new MeasurementRow { Name = "vci", UndefinedReason = "one class only" },
                        new MeasurementRow { Name = "val_loss", Value = run.ValidationLoss },
                    },
                });
                study.Runs.Add(run);
            }
        }
        return study;
    }

    public static Run Run(string name, int width, int? seed) => new()
    {
        Name = name,
        Width = width,
        Depth = 1,
        Epochs = 1,
        WeightDecay = 0.0005,
        Seed = seed,
        ParameterCount = width * 1000,
        CreatedAt = Noon,
        Imported = true,
    };

    public static Job Job(JobKind kind, JobState state, long? studyId = null) => new()
    {
        Kind = kind,
        State = state,
        StudyId = studyId,
        Parameters = """{"runId": 1}""",
        CreatedAt = Noon,
    };
}
