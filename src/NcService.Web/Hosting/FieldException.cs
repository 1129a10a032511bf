using NcService.Core;

namespace NcService.Web.Hosting;

/// <summary>Fields of a request are wrong; answered as a 400 that names each of them.</summary>
internal sealed class FieldException(IReadOnlyList<(string Field, string Message)> faults)
    : InputException(string.Join(" ", faults.Select(fault => $"{fault.Field}: {fault.Message}")))
{
    /// <summary>One field is wrong.</summary>
    public FieldException(string field, string message) : this([(field, message)])
    {
    }

    /// <summary>Messages by field.</summary>
    public IDictionary<string, string[]> Errors { get; } = faults
        .GroupBy(fault => fault.Field, fault => fault.Message)
        .ToDictionary(group => group.Key, group => group.ToArray());
}
