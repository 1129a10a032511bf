using Microsoft.OpenApi;
using NcService.Platform.Studies;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace NcService.Web.Studies;

/// <summary>Describes <see cref="StudyRequest"/> as one of its two forms.</summary>
internal sealed class StudyRequestSchema : ISchemaFilter
{
    /// <inheritdoc />
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (context.Type != typeof(StudyRequest) || schema is not OpenApiSchema target) return;
        target.Type = null;
        target.Properties = null;
        target.Required = null;
        target.AdditionalPropertiesAllowed = true;
        target.OneOf =
        [
            context.SchemaGenerator.GenerateSchema(typeof(StudyDefinition), context.SchemaRepository),
            context.SchemaGenerator.GenerateSchema(typeof(PresetStudy), context.SchemaRepository),
        ];
    }
}
