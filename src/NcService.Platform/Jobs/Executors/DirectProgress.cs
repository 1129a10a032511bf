namespace NcService.Platform.Jobs.Executors;

/// <summary>Reports at once on the caller's thread; <see cref="Progress{T}"/> would queue, and let an old report pass a new one.</summary>
internal sealed class DirectProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
