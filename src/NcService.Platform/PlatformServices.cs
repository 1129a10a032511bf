using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using NcService.Platform.Analyses;
using NcService.Platform.Artifacts;
using NcService.Platform.Checkpoints;
using NcService.Platform.Deleting;
using NcService.Platform.Jobs;
using NcService.Platform.Jobs.Executors;
using NcService.Platform.Results;
using NcService.Platform.Store;
using NcService.Platform.Studies;
using NcService.Platform.Webhooks;

namespace NcService.Platform;

/// <summary>Registers what the processes of NcService share.</summary>
public static class PlatformServices
{
    /// <summary>Store, artifacts, and the services over them, from section <c>NcService</c> of the configuration.</summary>
    /// <exception cref="Core.InputException">A setting has no meaning.</exception>
    public static IServiceCollection AddNcServicePlatform(this IServiceCollection services, IConfiguration configuration) =>
        services.AddNcServicePlatform(OptionsReader.Read(configuration));

    /// <summary>The same from options at hand.</summary>
    public static IServiceCollection AddNcServicePlatform(this IServiceCollection services, NcServiceOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.DataDirectory = Path.GetFullPath(options.DataDirectory);
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddDbContextFactory<NcServiceContext>(builder => StoreConnection.Configure(builder, options));
        services.AddSingleton<StoreMigrator>();
        services.AddSingleton(_ => new ArtifactStore(options.DataDirectory));
        services.AddSingleton<JobQueue>();
        services.AddSingleton<JobTransitions>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<WorkerRegistry>();
        services.AddSingleton<ChildRunner>();
        services.AddSingleton<LostJobs>();
        services.AddSingleton<IJobExecutor, PermutationTestExecutor>();
        services.AddSingleton<IJobExecutor, ImportResultsExecutor>();
        services.AddSingleton<IJobExecutor, PrepareDatasetExecutor>();
        services.AddSingleton<IJobExecutor, TrainRunExecutor>();
        services.AddSingleton<IJobExecutor, AnalyseCheckpointExecutor>();
        services.AddSingleton<IJobExecutor, ImportCheckpointExecutor>();
        services.AddSingleton<CheckpointImport>();
        services.AddSingleton<WebhookClient>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<IJobExecutor, MeasureEmbeddingsExecutor>();
        services.AddSingleton<EmbeddingMeasurement>();
        services.AddSingleton<DatasetService>();
        services.AddSingleton<StudyService>();
        services.AddSingleton<Annotations>();
        services.AddSingleton<StudyRunner>();
        services.AddSingleton<StudyResults>();
        services.AddSingleton<ResultImport>();
        services.AddSingleton<ImportJobs>();
        services.AddSingleton<Uploads>();
        services.AddSingleton<DeletedArtifacts>();
        services.AddSingleton<Deletion>();
        services.AddSingleton<PermutationTestService>();
        return services;
    }
}
