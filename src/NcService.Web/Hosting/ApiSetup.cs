using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authorization;
using NcService.Platform.Webhooks;
using NcService.Web.Analyses;
using NcService.Web.Checkpoints;
using NcService.Web.Datasets;
using NcService.Web.Results;
using NcService.Web.SignIn;

namespace NcService.Web.Hosting;

/// <summary>What all features of the API share: JSON, problems, the OpenAPI document.</summary>
internal static class ApiSetup
{
    /// <summary>Adds the API's services.</summary>
    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(options => UseStrictJson(options.SerializerOptions));
        builder.Services.AddProblems();
        builder.Services.AddOpenApiDocument();
        builder.Services.AddSingleton<EventStream>();
        builder.Services.AddSingleton<CorpusPaths>();
        builder.Services.AddSingleton<CheckpointUpload>();
        builder.Services.AddSingleton<ResultAnswers>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WebhookSender>());
        builder.Services.AddSingleton<EmbeddingUpload>();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = RequestLimits.JsonBodyBytes;
        });
    }

    /// <summary>The group that every versioned endpoint belongs to. Reading demands the scope read, everything else submit.</summary>
    public static RouteGroupBuilder MapApiGroup(this WebApplication app)
    {
        var group = app.MapGroup("/api/v1")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
            .AddEndpointFilterFactory(QueryNames.RefuseUnknown);
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            // What asks for more by itself, such as admin, keeps that: policies add up.
            var reads = endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault()?.HttpMethods.All(HttpMethods.IsGet) ?? false;
            endpoint.Metadata.Add(new AuthorizeAttribute(reads ? Scopes.Read : Scopes.Submit));
        });
        return group;
    }

    /// <summary>Names in camel case; unknown and repeated members, numbers in strings and numbers for names are refused.</summary>
    private static void UseStrictJson(JsonSerializerOptions options)
    {
        options.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        options.AllowDuplicateProperties = false;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.RespectNullableAnnotations = true;
        options.RespectRequiredConstructorParameters = true;
        options.Converters.Add(new TextWithoutNul());
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
    }
}
