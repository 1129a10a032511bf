namespace NcService.Core;

/// <summary>
/// Something the caller gave is wrong: a file, an option, a row. The message says what, where, and what would be right.
/// The command line prints it in one line and exits with 2; the API answers it as problem+json with a 4xx status.
/// </summary>
public class InputException(string message, Exception? innerException = null) : Exception(message, innerException);
