using System.Text.Json;

namespace NcService.Web.Tests;

/// <summary>The OpenAPI document is committed, so that a change of the API shows in review.</summary>
public sealed class OpenApiTests(ApiServer server) : IClassFixture<ApiServer>
{
    private const string UpdateVariable = "NCSERVICE_UPDATE_OPENAPI";

    [Fact]
    public async Task The_committed_document_is_the_one_served()
    {
        var path = Path.Combine(SharedData.RepositoryRoot, "docs", "openapi.json");
        var served = (await server.Client.GetStringAsync("/openapi/v1.json")).ReplaceLineEndings("\n").TrimEnd() + "\n";
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1") await File.WriteAllTextAsync(path, served);

        var committed = await File.ReadAllTextAsync(path);
        Assert.True(committed == served, $"docs/openapi.json is not the document served. Where the change is meant: {UpdateVariable}=1 dotnet test tests/NcService.Web.Tests --filter OpenApi");
    }

    [Fact]
    public async Task Every_operation_is_named_summarised_and_declares_its_errors()
    {
        var operations = await OperationsAsync();

        Assert.True(operations.Count >= 20);
        Assert.Equal(operations.Count, operations.Select(operation => operation.Json.GetProperty("operationId").GetString()).Distinct().Count());
        Assert.All(operations, operation =>
        {
            Assert.True(operation.Json.TryGetProperty("summary", out var summary) && summary.GetString()!.EndsWith('.'), $"{operation.Name}: no summary");
            Assert.True(operation.Json.TryGetProperty("tags", out var tags) && tags.GetArrayLength() == 1, $"{operation.Name}: no tag");
            var responses = operation.Json.GetProperty("responses");
            string[] expected = !operation.Path.StartsWith("/api/", StringComparison.Ordinal) ? [] : operation.Path.Contains("{id}", StringComparison.Ordinal) ? ["400", "401", "403", "404"] : ["400", "401", "403"];
            Assert.All(expected, status => Assert.True(
                responses.TryGetProperty(status, out var response) && response.GetProperty("content").TryGetProperty("application/problem+json", out _),
                $"{operation.Name}: {status} is not declared as problem+json"));
            Assert.True(responses.EnumerateObject().Any(response => response.Name[0] == '2'), $"{operation.Name}: no success is declared");
        });
    }

    [Fact]
    public async Task Every_property_of_an_answer_is_described_and_required()
    {
        var document = await server.GetJsonAsync("/openapi/v1.json");
        foreach (var schema in document.GetProperty("components").GetProperty("schemas").EnumerateObject().Where(schema => schema.Name.EndsWith("Details", StringComparison.Ordinal) && !schema.Name.Contains("Problem", StringComparison.Ordinal)))
        {
            var required = schema.Value.GetProperty("required").EnumerateArray().Select(name => name.GetString()).ToHashSet();
            Assert.All(schema.Value.GetProperty("properties").EnumerateObject(), property =>
            {
                Assert.Contains(property.Name, required);
                Assert.True(property.Value.TryGetProperty("description", out _), $"{schema.Name}.{property.Name} has no description");
            });
        }
    }

    private async Task<List<(string Name, string Path, JsonElement Json)>> OperationsAsync() =>
        [.. (await server.GetJsonAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => ($"{operation.Name} {path.Name}", path.Name, operation.Value)))];
}
