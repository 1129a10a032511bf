using Microsoft.AspNetCore.Components;
using NcService.Core;

namespace NcService.Web.Dashboard.Components.Statistics;

/// <summary>
/// A part of a page whose numbers take time: computed aside, once for each question, while the page stays usable. What is asked in between is dropped.
/// </summary>
/// <typeparam name="T">The answer.</typeparam>
public abstract class ComputedSection<T> : ComponentBase, IDisposable
    where T : class
{
    private CancellationTokenSource? working;
    private string? asked;

    /// <summary>The answer to the latest question; null while it is computed or where there is none.</summary>
    protected T? Answer { get; private set; }

    /// <summary>Why there is no answer.</summary>
    protected string? Refusal { get; private set; }

    /// <summary>The question in words that differ whenever the answer may; null where nothing is asked yet.</summary>
    protected abstract string? Question { get; }

    /// <summary>Computes the answer; on any thread.</summary>
    /// <exception cref="InputException">It cannot be computed from these runs.</exception>
    protected abstract T Compute(CancellationToken cancellationToken);

    /// <inheritdoc />
    protected override Task OnParametersSetAsync() => AskAsync();

    /// <summary>Computes anew where the question has changed. Not while the page is drawn for the first time, which is done twice.</summary>
    protected async Task AskAsync()
    {
        if (!RendererInfo.IsInteractive || Question == asked) return;
        asked = Question;
        (Answer, Refusal) = (null, null);
        if (working is not null) await working.CancelAsync();
        working?.Dispose();
        working = null;
        if (asked is null) return;
        working = new CancellationTokenSource();
        var token = working.Token;
        try
        {
            var answer = await Task.Run(() => Compute(token), token);
            if (!token.IsCancellationRequested) Answer = answer;
        }
        catch (InputException exception)
        {
            if (!token.IsCancellationRequested) Refusal = exception.Message;
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops the computation.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        working?.Cancel();
        working?.Dispose();
        working = null;
    }
}
