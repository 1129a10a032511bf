using NcService.Core;

namespace NcService.Platform.Deleting;

/// <summary>Something cannot be deleted: work for it has not ended, or something else uses it. The message names what holds it.</summary>
public sealed class InUseException(string message) : InputException(message);
