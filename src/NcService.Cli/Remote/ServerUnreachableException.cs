namespace NcService.Cli.Remote;

/// <summary>The server did not answer, or not as one that works.</summary>
internal sealed class ServerUnreachableException(string message, Exception? innerException = null) : Exception(message, innerException);
