using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace NcService.Platform.Store;

/// <summary>The store: one model for SQLite and PostgreSQL. The schema comes from the numbered SQL files under Migrations.</summary>
public sealed class NcServiceContext(DbContextOptions<NcServiceContext> options) : DbContext(options)
{
    /// <summary>Prepared corpora.</summary>
    public DbSet<Dataset> Datasets => Set<Dataset>();

    /// <summary>Sets of runs.</summary>
    public DbSet<Study> Studies => Set<Study>();

    /// <summary>Trainings.</summary>
    public DbSet<Run> Runs => Set<Run>();

    /// <summary>Saved models.</summary>
    public DbSet<Checkpoint> Checkpoints => Set<Checkpoint>();

    /// <summary>Measured checkpoints.</summary>
    public DbSet<Analysis> Analyses => Set<Analysis>();

    /// <summary>Measured values.</summary>
    public DbSet<MeasurementRow> Measurements => Set<MeasurementRow>();

    /// <summary>Permutation tests.</summary>
    public DbSet<PermutationTestReport> PermutationTests => Set<PermutationTestReport>();

    /// <summary>Work.</summary>
    public DbSet<Job> Jobs => Set<Job>();

    /// <summary>Which job waits for which.</summary>
    public DbSet<JobDependency> JobDependencies => Set<JobDependency>();

    /// <summary>Nodes.</summary>
    public DbSet<Worker> Workers => Set<Worker>();

    /// <summary>API tokens.</summary>
    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();

    /// <summary>Addresses that are told of jobs' ends.</summary>
    public DbSet<Webhook> Webhooks => Set<Webhook>();

    /// <summary>What they were and are to be told.</summary>
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    /// <summary>Folders whose rows were deleted.</summary>
    public DbSet<DeletedArtifact> DeletedArtifacts => Set<DeletedArtifact>();

    /// <inheritdoc />
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        await JobTurns.AssignAsync(this, cancellationToken);
        return await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <inheritdoc />
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        ArgumentNullException.ThrowIfNull(configurationBuilder);
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<JobKind>().HaveConversion<string>();
        configurationBuilder.Properties<JobState>().HaveConversion<string>();
    }

    /// <inheritdoc />
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        ArgumentNullException.ThrowIfNull(modelBuilder);
        modelBuilder.Entity<Dataset>().HasIndex(dataset => dataset.Name).IsUnique();
        modelBuilder.Entity<Study>().HasIndex(study => study.Name).IsUnique();
        modelBuilder.Entity<Study>().HasIndex(study => study.IdempotencyKey).IsUnique();
        modelBuilder.Entity<Run>().HasIndex(run => new { run.StudyId, run.Name }).IsUnique();
        modelBuilder.Entity<MeasurementRow>().HasKey(row => new { row.AnalysisId, row.Name });
        modelBuilder.Entity<Analysis>().HasMany(analysis => analysis.Measurements).WithOne().HasForeignKey(row => row.AnalysisId);
        modelBuilder.Entity<PermutationTestReport>().ToTable("PermutationTests");
        modelBuilder.Entity<PermutationTestRow>().HasKey(row => new { row.ReportId, row.Measurement });
        modelBuilder.Entity<PermutationTestRow>().ToTable("PermutationTestRows");
        modelBuilder.Entity<PermutationTestReport>().HasMany(report => report.Rows).WithOne().HasForeignKey(row => row.ReportId);
        modelBuilder.Entity<JobDependency>().HasKey(dependency => new { dependency.JobId, dependency.DependsOnJobId });
        modelBuilder.Entity<Job>().HasMany(job => job.DependsOn).WithOne().HasForeignKey(dependency => dependency.JobId);
        modelBuilder.Entity<JobDependency>().HasOne(dependency => dependency.DependsOnJob).WithMany().HasForeignKey(dependency => dependency.DependsOnJobId);
        modelBuilder.Entity<Job>().HasIndex(job => job.IdempotencyKey).IsUnique();
        modelBuilder.Entity<Job>().HasIndex(job => job.StudyId);
        modelBuilder.Entity<Job>().HasIndex(job => new { job.Priority, job.Turn });
        modelBuilder.Entity<Job>().HasIndex(job => new { job.State, job.Priority });
        modelBuilder.Entity<Job>().HasIndex(job => job.FinishedAt);
        modelBuilder.Entity<WebhookDelivery>().HasIndex(delivery => new { delivery.WebhookId, delivery.JobId, delivery.FinishedAt }).IsUnique();
        modelBuilder.Entity<WebhookDelivery>().HasIndex(delivery => delivery.NextAttemptAt);
        modelBuilder.Entity<DeletedArtifact>().HasKey(artifact => artifact.Path);
        modelBuilder.Entity<Worker>().HasKey(worker => worker.Name);
        modelBuilder.Entity<ApiToken>().HasIndex(token => token.Hash).IsUnique();
    }

    /// <summary>Both databases hand back times without their kind; every time in the store is UTC.</summary>
    private sealed class UtcConverter() : ValueConverter<DateTime, DateTime>(
        time => time.ToUniversalTime(),
        time => DateTime.SpecifyKind(time, DateTimeKind.Utc));
}
