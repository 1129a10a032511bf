using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using NcService.Core;
using NcService.Platform.Store;
using NcService.Platform.Webhooks;
using NcService.Web.Hosting;
using NcService.Web.SignIn;

namespace NcService.Web.Webhooks;

/// <summary>An address to be told of jobs' ends.</summary>
internal sealed record WebhookRequest
{
    /// <summary>An https address of a host that NcService:WebhookHosts lists.</summary>
    public required string Url { get; init; }
}

/// <summary>An address that is told of jobs' ends.</summary>
/// <param name="Id">Identity.</param>
/// <param name="Url">Where messages are sent.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When it was made (UTC).</param>
/// <param name="Secret">Key of the signatures; shown once, when the webhook is made, else null.</param>
internal sealed record WebhookDetails(long Id, string Url, string? CreatedBy, DateTime CreatedAt, string? Secret)
{
    /// <summary>The contract of a stored webhook.</summary>
    public static WebhookDetails From(Webhook webhook, string? secret = null) => new(webhook.Id, webhook.Url, webhook.CreatedBy, webhook.CreatedAt, secret);
}

/// <summary>One message to a webhook.</summary>
/// <param name="Id">Identity; the message's deliveryId.</param>
/// <param name="JobId">The job that ended.</param>
/// <param name="FinishedAt">When it ended (UTC).</param>
/// <param name="Attempts">How often the message was sent.</param>
/// <param name="NextAttemptAt">When it is sent next (UTC); null when it has arrived or was given up.</param>
/// <param name="DeliveredAt">When it arrived (UTC).</param>
/// <param name="LastError">What went wrong the last time.</param>
internal sealed record WebhookDeliveryDetails(long Id, long JobId, DateTime FinishedAt, int Attempts, DateTime? NextAttemptAt, DateTime? DeliveredAt, string? LastError);

/// <summary>Webhooks: signed messages when jobs end.</summary>
internal static class WebhookEndpoints
{
    private const int MaximumUrlLength = 2_000;
    private const int MaximumWebhooks = 100;

    /// <summary>Maps /webhooks.</summary>
    public static void MapWebhooks(this IEndpointRouteBuilder api)
    {
        var webhooks = api.MapGroup("/webhooks").WithTags("Webhooks").RequireAuthorization(Scopes.Admin);
        webhooks.MapGet("/", ListAsync).WithName("listWebhooks").WithSummary("Lists webhooks, without their secrets.");
        webhooks.MapPost("/", CreateAsync).WithName("createWebhook")
            .WithSummary("Makes a webhook: a POST whenever a job ends, signed in the header NcService-Signature, repeated with back-off until it is answered with 2xx. The answer shows its secret, once.")
            .ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
        webhooks.MapDelete("/{id}", DeleteAsync).WithName("deleteWebhook").WithSummary("Takes a webhook away, with what it was still to be told.").ProducesProblem(StatusCodes.Status404NotFound);
        webhooks.MapGet("/{id}/deliveries", ListDeliveriesAsync).WithName("listWebhookDeliveries").WithSummary("What a webhook was told and is to be told, the newest first.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static Task<Page<WebhookDetails>> ListAsync([AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken) =>
        page.ReadAsync(context.Webhooks.AsNoTracking().OrderByDescending(webhook => webhook.Id), webhook => WebhookDetails.From(webhook), cancellationToken);

    private static async Task<Results<Created<WebhookDetails>, ProblemHttpResult>> CreateAsync(
        WebhookRequest request, HttpContext http, NcServiceContext context, WebhookClient client, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Url.Length > MaximumUrlLength) throw new FieldException("url", $"At most {MaximumUrlLength} characters.");
        try
        {
            client.Check(request.Url);
        }
        catch (InputException fault)
        {
            throw new FieldException("url", fault.Message);
        }
        if (await context.Webhooks.CountAsync(cancellationToken) >= MaximumWebhooks) return Problems.Conflict($"There are {MaximumWebhooks} webhooks already ({nameof(MaximumWebhooks)}).");
        var webhook = new Webhook { Url = request.Url, Secret = WebhookSignature.CreateSecret(), CreatedBy = http.User.Identity?.Name, CreatedAt = time.GetUtcNow().UtcDateTime };
        context.Webhooks.Add(webhook);
        await context.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/api/v1/webhooks/{webhook.Id}", WebhookDetails.From(webhook, webhook.Secret));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(long id, NcServiceContext context, CancellationToken cancellationToken) =>
        await context.Webhooks.Where(webhook => webhook.Id == id).ExecuteDeleteAsync(cancellationToken) == 1 ? TypedResults.NoContent() : Problems.NotFound("webhook", id);

    private static async Task<Results<Ok<Page<WebhookDeliveryDetails>>, ProblemHttpResult>> ListDeliveriesAsync(
        long id, [AsParameters] PageRequest page, NcServiceContext context, CancellationToken cancellationToken)
    {
        if (!await context.Webhooks.AnyAsync(webhook => webhook.Id == id, cancellationToken)) return Problems.NotFound("webhook", id);
        var deliveries = context.WebhookDeliveries.AsNoTracking().Where(delivery => delivery.WebhookId == id).OrderByDescending(delivery => delivery.Id);
        return TypedResults.Ok(await page.ReadAsync(
            deliveries,
            delivery => new WebhookDeliveryDetails(delivery.Id, delivery.JobId, delivery.FinishedAt, delivery.Attempts, delivery.NextAttemptAt, delivery.DeliveredAt, delivery.LastError),
            cancellationToken));
    }
}
