using NcService.Core;
using NcService.Web.Hosting;

namespace NcService.Web.Dashboard.Components;

/// <summary>Does what the reader asked for.</summary>
internal static class Attempt
{
    /// <summary>Does it; says why it was not done, or null.</summary>
    public static async Task<string?> ToAsync(Func<Task> act)
    {
        try
        {
            await act();
            return null;
        }
        catch (FieldException exception)
        {
            return string.Join(' ', exception.Errors.Values.SelectMany(messages => messages));
        }
        catch (InputException exception)
        {
            return exception.Message;
        }
        catch (Exception exception) when (StoreFault.Is(exception))
        {
            return "The store did not confirm this. Look whether it was done before you try again.";
        }
    }
}
