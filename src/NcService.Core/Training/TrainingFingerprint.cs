using System.Security.Cryptography;
using System.Text.Json;
using NcService.Core.Models;
using NcService.Core.Text;

namespace NcService.Core.Training;

/// <summary>A hash of everything that the numbers of a run depend on, so that a state or result is never taken for another run's.</summary>
internal static class TrainingFingerprint
{
    public static string Of(GptNeoConfiguration configuration, DatasetManifest dataset, TrainingOptions options)
    {
        // How often a run logs, validates or saves does not change it.
        var relevant = options with
        {
            LogInterval = 1, EvaluationInterval = 0, IntermediateEvaluationChunks = 0, TrainSampleChunks = 1, CheckpointInterval = 0, KeptStates = 1, KeptModelInterval = 0,
        };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(new { Configuration = configuration, Dataset = dataset.Hash, Options = relevant });
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
