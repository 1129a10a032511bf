namespace NcService.Core.Collapse;

/// <summary>One measured number under its name in the <see cref="MeasurementCatalog"/>.</summary>
/// <param name="Name">The name that the API, the command line and the store use.</param>
/// <param name="Value">The value, always finite; null where the quantity is undefined for these inputs or was not collected.</param>
/// <param name="UndefinedReason">Why there is no value, in words for people; null where there is one.</param>
public sealed record Measurement(string Name, double? Value, string? UndefinedReason)
{
    /// <summary>A measurement that has a value.</summary>
    public static Measurement Of(string name, double value) =>
        double.IsFinite(value) ? new(name, value, null) : Undefined(name, $"the value is out of the range of a 64-bit number ({value})");

    /// <summary>A measurement that is undefined for the stated reason.</summary>
    public static Measurement Undefined(string name, string reason) => new(name, null, reason);
}
