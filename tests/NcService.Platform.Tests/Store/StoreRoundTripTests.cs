using System.Reflection;
using NcService.Platform.Store;

namespace NcService.Platform.Tests.Store;

public sealed class StoreRoundTripTests
{
    [Fact]
    public async Task Every_property_of_every_entity_comes_back_as_it_was_written()
    {
        await using var platform = await TestPlatform.CreateAsync();
        await WriteAndReadAsync(platform);
    }

    internal static async Task WriteAndReadAsync(TestPlatform platform)
    {
        object[] written =
        [
            Filled<Job>(1), Filled<Job>(2), new JobDependency { JobId = 2, DependsOnJobId = 1 }, Filled<Worker>(3), Filled<ApiToken>(4),
            Filled<Dataset>(1), Filled<Study>(1), Filled<Run>(1), Filled<Checkpoint>(1), Filled<Analysis>(1), Filled<MeasurementRow>(1),
            Filled<PermutationTestReport>(1), Filled<PermutationTestRow>(1), Filled<Webhook>(1), Filled<WebhookDelivery>(1), Filled<DeletedArtifact>(1),
        ];
        await using (var context = platform.OpenStore())
        {
            context.AddRange(written);
            await context.SaveChangesAsync();
        }

        await using var again = platform.OpenStore();
        Assert.Equal(again.Model.GetEntityTypes().Count(), written.Select(entity => entity.GetType()).Distinct().Count());
        foreach (var entity in written)
        {
            var type = again.Model.FindEntityType(entity.GetType())!;
            var key = type.FindPrimaryKey()!.Properties.Select(property => property.PropertyInfo!.GetValue(entity)).ToArray();
            var read = await again.FindAsync(entity.GetType(), key);
            foreach (var property in type.GetProperties().Select(property => property.PropertyInfo!))
            {
                var value = property.GetValue(read);
                Assert.Equal((property.DeclaringType, property.Name, property.GetValue(entity)), (property.DeclaringType, property.Name, value));
                if (value is DateTime time) Assert.Equal(DateTimeKind.Utc, time.Kind);
            }
        }
    }

    /// <summary>An entity whose every scalar property has a value other than its default; keys and foreign keys are <paramref name="id"/>, job keys 1.</summary>
    private static T Filled<T>(long id)
    {
        var entity = Activator.CreateInstance<T>();
        foreach (var (property, index) in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select((property, index) => (property, index)))
        {
            if (!property.CanWrite) continue;
            var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            object? value =
                property.Name == "Id" ? id
                : property.Name.EndsWith("Id", StringComparison.Ordinal) && type == typeof(long) ? 1L
                : type == typeof(string) ? $"{property.Name} {id} äß"
                : type == typeof(int) ? index + 1
                : type == typeof(long) ? 5_000_000_000L + index
                : type == typeof(double) ? 0.1 + index
                : type == typeof(bool) ? true
                : type == typeof(DateTime) ? new DateTime(2026, 2, 3, 4, 5, 6, 7, DateTimeKind.Utc).AddHours(index)
                : type.IsEnum ? Enum.GetValues(type).GetValue(2)
                : null;
            if (value is not null) property.SetValue(entity, value);
        }
        return entity;
    }
}
