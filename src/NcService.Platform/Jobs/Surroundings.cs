using System.ComponentModel;

namespace NcService.Platform.Jobs;

/// <summary>Tells faults of a job's surroundings, which may have passed by the next try, from those of its input, which will not.</summary>
internal static class Surroundings
{
    private const int NoProcess = 11; // EAGAIN
    private const int NoMemory = 12; // ENOMEM

    /// <summary>True where the store did not answer, the disk was full or gone, or memory or processes could not be had; false for what bad input and faults of the program throw.</summary>
    public static bool AreToBlame(Exception exception) => StoreRetry.IsTransient(exception) || exception switch
    {
        // What is not there, or ends early, is so again.
        FileNotFoundException or DirectoryNotFoundException or PathTooLongException or EndOfStreamException => false,
        IOException or OutOfMemoryException => true,
        Win32Exception { NativeErrorCode: NoProcess or NoMemory } => true,
        AggregateException several => several.InnerExceptions.All(AreToBlame),
        _ => false,
    };
}
