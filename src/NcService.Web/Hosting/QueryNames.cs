using System.Reflection;
using Microsoft.AspNetCore.Mvc;

namespace NcService.Web.Hosting;

/// <summary>Refuses a query parameter that its endpoint does not know: a misspelt filter would otherwise return everything.</summary>
internal static class QueryNames
{
    /// <summary>Filter factory of the API's group.</summary>
    public static EndpointFilterDelegate RefuseUnknown(EndpointFilterFactoryContext factory, EndpointFilterDelegate next)
    {
        var known = factory.MethodInfo.GetParameters().SelectMany(NamesOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return invocation =>
        {
            var unknown = invocation.HttpContext.Request.Query.Keys.Where(name => !known.Contains(name)).ToArray();
            if (invocation.HttpContext.Request.Query.FirstOrDefault(parameter => parameter.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true)) is { Key: { } withNul })
                throw new FieldException(withNul, TextWithoutNul.Fault);
            if (unknown.Length == 0) return next(invocation);
            var possible = known.Count == 0 ? "there are none here" : $"possible: {string.Join(", ", known.Order(StringComparer.Ordinal))}";
            throw new FieldException([.. unknown.Select(name => (name, $"There is no such query parameter; {possible}."))]);
        };
    }

    private static IEnumerable<string> NamesOf(ParameterInfo parameter)
    {
        if (parameter.IsDefined(typeof(AsParametersAttribute)))
            return parameter.ParameterType.GetProperties().Select(property => property.GetCustomAttribute<FromQueryAttribute>()?.Name).OfType<string>();
        return parameter.GetCustomAttribute<FromQueryAttribute>() is { } query ? [query.Name ?? parameter.Name!] : [];
    }
}
