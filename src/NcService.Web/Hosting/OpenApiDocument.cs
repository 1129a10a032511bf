using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using NcService.Core.Statistics;
using NcService.Platform.Store;
using NcService.Web.Results;
using NcService.Web.SignIn;
using NcService.Web.Studies;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace NcService.Web.Hosting;

/// <summary>The OpenAPI document at /openapi/v1.json and Swagger UI at /swagger.</summary>
internal static class OpenApiDocument
{
    private static readonly string[] s_documentedAssemblies = ["NcService.Web", "NcService.Platform", "NcService.Core"];

    /// <summary>Adds the document's generator.</summary>
    public static void AddOpenApiDocument(this IServiceCollection services)
    {
        services.AddEndpointsApiExplorer();
        services.AddSingleton<ISerializerDataContractResolver>(provider =>
            new JsonSerializerDataContractResolver(provider.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions));
        services.AddSwaggerGen(options =>
        {
            options.SwaggerDoc("v1", new OpenApiInfo
            {
                Title = "NcService",
                Version = "v1",
                Description = "Trains suites of language models, measures neural collapse in them, and tests what goes with a lower validation loss.",
            });
            options.AddSecurityDefinition("token", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "A token of this server; on its own machine the file api-token in the data folder holds one." });
            options.AddSecurityRequirement(document => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("token", document)] = [] });
            options.UseAllOfToExtendReferenceSchemas();
            options.SchemaFilter<RequiredMembers>();
            options.SchemaFilter<StudyRequestSchema>();
            options.SupportNonNullableReferenceTypes();
            options.CustomSchemaIds(SchemaName);
            options.MapType<EnumName<JobState>>(() => NameSchema<JobState>());
            options.MapType<EnumName<JobKind>>(() => NameSchema<JobKind>());
            options.MapType<EnumName<Alternative>>(() => NameSchema<Alternative>());
            options.MapType<EnumName<Transformation>>(() => NameSchema<Transformation>());
            options.MapType<EnumName<ResultColumns>>(() => NameSchema<ResultColumns>());
            foreach (var assembly in s_documentedAssemblies)
            {
                var comments = Path.Combine(AppContext.BaseDirectory, assembly + ".xml");
                if (File.Exists(comments)) options.IncludeXmlComments(comments);
            }
        });
    }

    /// <summary>Maps the document and its user interface.</summary>
    public static void MapOpenApi(this WebApplication app)
    {
        app.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "swagger";
            options.SwaggerEndpoint("/openapi/v1.json", "NcService v1");
            options.DocumentTitle = "NcService API";
        });
        app.MapSwagger("/openapi/{documentName}.json").RequireAuthorization(Scopes.Read);
    }

    private static OpenApiSchema NameSchema<T>()
        where T : struct, Enum => new() { Type = JsonSchemaType.String, Enum = [.. EnumName<T>.All.Select(name => JsonValue.Create(name))] };

    private static string SchemaName(Type type) =>
        type.IsGenericType ? string.Concat(type.GetGenericArguments().Select(SchemaName)) + type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;
}
