using NcService.Platform.Checkpoints;
using NcService.Platform.Store;

namespace NcService.Web.Checkpoints;

/// <summary>A checkpoint on the server's machines that is to be taken in and analysed.</summary>
internal sealed record CheckpointFolderRequest
{
    /// <summary>The study that its measurements are kept in; made where there is none of that name.</summary>
    public required string Study { get; init; }

    /// <summary>Name of the run that it becomes, unique within the study.</summary>
    public required string Name { get; init; }

    /// <summary>The prepared dataset that it is measured on, by name.</summary>
    public required string Dataset { get; init; }

    /// <summary>Folder with config.json and model.safetensors, under those that NcService:CheckpointDirectories lists.</summary>
    public required string Path { get; init; }

    /// <summary>Tags of the run, such as the branch it was built from.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Limits collection to so many training chunks (the first of the split); all without it.</summary>
    public int? AnalysisChunks { get; init; }

    /// <summary>What is asked, without the path.</summary>
    public CheckpointRequest ToRequest() => new() { Study = Study, Name = Name, Dataset = Dataset, Tags = Tags, AnalysisChunks = AnalysisChunks };
}

/// <summary>A checkpoint that is being taken in: the run it becomes and the jobs to wait for.</summary>
/// <param name="RunId">The run.</param>
/// <param name="StudyId">Its study.</param>
/// <param name="ImportJobId">The job that takes the files in.</param>
/// <param name="AnalysisId">The analysis.</param>
/// <param name="AnalysisJobId">The job that measures, after that; the last one.</param>
internal sealed record CheckpointImportDetails(long RunId, long StudyId, long? ImportJobId, long AnalysisId, long? AnalysisJobId)
{
    /// <summary>The contract of a run, loaded with its analyses.</summary>
    public static CheckpointImportDetails From(Run run) => new(run.Id, run.StudyId, run.JobId, run.Analyses[0].Id, run.Analyses[0].JobId);
}

/// <summary>A saved model.</summary>
/// <param name="Id">Identity.</param>
/// <param name="RunId">The run that made it, or that it became.</param>
/// <param name="Step">Optimizer steps at the time of saving; 0 for one made elsewhere.</param>
/// <param name="Files">Its files, each at /checkpoints/{id}/files/{name}.</param>
/// <param name="CreatedAt">When it was saved (UTC).</param>
internal sealed record CheckpointDetails(long Id, long? RunId, long Step, IReadOnlyList<string> Files, DateTime CreatedAt);
