using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Swashbuckle.AspNetCore.SwaggerGen;

namespace NcService.Web.Hosting;

/// <summary>
/// Makes schemas say what C# says: required is what is always there (members of a record's signature without a default, and those that C#
/// requires), nullable is what may be null, and descriptions name members as JSON does.
/// </summary>
internal sealed partial class RequiredMembers : ISchemaFilter
{
    private readonly NullabilityInfoContext nullability = new();

    /// <inheritdoc />
    public void Apply(IOpenApiSchema schema, SchemaFilterContext context)
    {
        if (schema is not OpenApiSchema { Properties: { Count: > 0 } properties } target || context.Type.Assembly.GetName().Name?.StartsWith("NcService", StringComparison.Ordinal) != true) return;
        var signature = context.Type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Where(parameter => !parameter.HasDefaultValue).Select(parameter => parameter.Name!).ToHashSet();
        target.Required ??= new HashSet<string>();
        foreach (var property in context.Type.GetProperties())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (!properties.TryGetValue(name, out var member)) continue;
            if (signature.Contains(property.Name) || property.IsDefined(typeof(RequiredMemberAttribute)) || property.GetSetMethod() is null) target.Required.Add(name);
            if (member is OpenApiSchema described) Describe(described, property);
        }
    }

    private void Describe(OpenApiSchema member, PropertyInfo property)
    {
        member.Description = member.Description is null ? null : CodeName().Replace(member.Description, match => JsonNamingPolicy.CamelCase.ConvertName(match.Groups["name"].Value));
        if (nullability.Create(property).ReadState == NullabilityState.Nullable) return;
        member.Type = member.Type == JsonSchemaType.Null ? null : member.Type & ~JsonSchemaType.Null;
    }

    [GeneratedRegex(@"\bNcService\.[A-Za-z0-9_.]*?(?<name>[A-Za-z0-9_]+)(?![A-Za-z0-9_.]*[A-Za-z0-9_])", RegexOptions.None, 1000)]
    private static partial Regex CodeName();
}
