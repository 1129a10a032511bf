namespace NcService.Web;

/// <summary>Numbers on their way to JSON, which has neither NaN nor infinities.</summary>
internal static class Numbers
{
    /// <summary>The value, or null where it is not finite.</summary>
    public static double? Finite(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
