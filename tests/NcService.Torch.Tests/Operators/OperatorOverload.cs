using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace NcService.Torch.Tests.Operators;

/// <summary>A public method that takes the arguments of a case, and how they go into it.</summary>
internal sealed record OperatorOverload(MethodInfo Method)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The public methods of the classes that hold operators.</summary>
    public static readonly MethodInfo[] Public =
        [.. new[] { typeof(Tensor), typeof(torch), typeof(linalg), typeof(special), typeof(nn.functional) }.SelectMany(type => type.GetMethods(Declared))];

    /// <summary>Such as <c>Tensor.mm(Tensor)</c>.</summary>
    public string Signature => $"{Method.DeclaringType!.Name}.{Method.Name}({string.Join(", ", Method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))})";

    /// <summary>Every overload that takes the case's arguments; they must all give the same.</summary>
    public static IEnumerable<OperatorOverload> Of(OperatorCase one) =>
        Public.Where(method => IsNamed(method, one.Name) && Takes(method, [.. one.Arguments.EnumerateArray()])).Select(method => new OperatorOverload(method));

    /// <summary>
    /// Calls it. <paramref name="arguments"/> are the case's, with <paramref name="tensors"/> in the place of its tensors, in
    /// order; <paramref name="change"/> may change what the method is given, at last.
    /// </summary>
    /// <returns>The results, flat: tensors and truth values.</returns>
    public List<object> Call(JsonElement arguments, IEnumerable<Tensor> tensors, Action<object?[]>? change = null)
    {
        using var given = tensors.GetEnumerator();
        var values = arguments.EnumerateArray().ToList();
        object? self = null;
        if (!Method.IsStatic)
        {
            self = Next(given);
            values.RemoveAt(0);
        }

        var parameters = Method.GetParameters();
        var converted = new object?[parameters.Length];
        for (var i = 0; i < converted.Length; i++)
            converted[i] = i < values.Count ? Convert(values[i], parameters[i].ParameterType, given) : Omitted(parameters[i]);
        change?.Invoke(converted);
        try
        {
            return [.. Flatten(Method.Invoke(self, converted))];
        }
        catch (TargetInvocationException error)
        {
            throw new InvalidOperationException($"{Method}: {error.InnerException!.Message}", error.InnerException);
        }
    }

    private static string NameOf(Type type) => Nullable.GetUnderlyingType(type) is { } plain ? $"{plain.Name}?" : type.Name;

    // A name alone may be of torch.Tensor or of torch.
    private static bool IsNamed(MethodInfo method, string name) =>
        name == $"{method.DeclaringType!.Name}.{method.Name}" || (name == method.Name && (method.DeclaringType == typeof(Tensor) || method.DeclaringType == typeof(torch)));

    private static object? Omitted(ParameterInfo parameter) =>
        parameter.IsOptional ? Type.Missing : Array.CreateInstance(parameter.ParameterType.GetElementType()!, 0);

    private static bool Takes(MethodInfo method, List<JsonElement> arguments)
    {
        if (method.IsGenericMethodDefinition) return false;
        if (!method.IsStatic)
        {
            if (arguments.Count == 0 || !OperatorCase.IsTensor(arguments[0])) return false;
            arguments.RemoveAt(0);
        }

        var parameters = method.GetParameters();
        return arguments.Count <= parameters.Length
            && parameters.Skip(arguments.Count).All(parameter => parameter.IsOptional)
            && arguments.Zip(parameters).All(pair => Takes(pair.Second.ParameterType, pair.First));
    }

    private static bool Takes(Type type, JsonElement argument)
    {
        if (type.IsByRefLike) return false;
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return argument.ValueKind switch
        {
            JsonValueKind.Null => !type.IsValueType || plain != type,
            JsonValueKind.True or JsonValueKind.False => plain == typeof(bool) || plain == typeof(Scalar),
            JsonValueKind.String => plain == typeof(string) || (plain == typeof(char) && argument.GetString()!.Length == 1) || (plain.IsEnum && Enum.TryParse(plain, argument.GetString(), out _)),
            JsonValueKind.Number when IsWhole(argument) => plain == typeof(long) || plain == typeof(int) || plain == typeof(Scalar),
            JsonValueKind.Number => plain == typeof(double) || plain == typeof(float) || plain == typeof(Scalar),
            JsonValueKind.Array when argument.EnumerateArray().All(OperatorCase.IsTensor) => type.IsAssignableFrom(typeof(Tensor[])) && typeof(IEnumerable).IsAssignableFrom(type),
            JsonValueKind.Array => type.IsAssignableFrom(typeof(long[])) || type == typeof(int[]),
            _ => plain == (OperatorCase.IsType(argument) ? typeof(ScalarType) : typeof(Tensor)),
        };
    }

    private static object? Convert(JsonElement argument, Type type, IEnumerator<Tensor> tensors)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return argument.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.True or JsonValueKind.False when type == typeof(Scalar) => argument.GetBoolean().ToScalar(),
            JsonValueKind.True or JsonValueKind.False => argument.GetBoolean(),
            JsonValueKind.String when type == typeof(char) => argument.GetString()![0],
            JsonValueKind.String when type.IsEnum => Enum.Parse(type, argument.GetString()!),
            JsonValueKind.String => argument.GetString(),
            JsonValueKind.Number when type == typeof(Scalar) => IsWhole(argument) ? argument.GetInt64().ToScalar() : argument.GetDouble().ToScalar(),
            JsonValueKind.Number => System.Convert.ChangeType(IsWhole(argument) ? (object)argument.GetInt64() : argument.GetDouble(), type, CultureInfo.InvariantCulture),
            JsonValueKind.Array when argument.EnumerateArray().All(OperatorCase.IsTensor) => argument.EnumerateArray().Select(_ => Next(tensors)).ToArray(),
            JsonValueKind.Array when type == typeof(int[]) => Array.ConvertAll(OperatorCase.ReadLongs(argument), static value => (int)value),
            JsonValueKind.Array => OperatorCase.ReadLongs(argument),
            _ => OperatorCase.IsType(argument) ? OperatorCase.TypeOf(argument) : Next(tensors),
        };
    }

    private static bool IsWhole(JsonElement number) => number.TryGetInt64(out _) && !number.GetRawText().Contains('.', StringComparison.Ordinal);

    private static Tensor Next(IEnumerator<Tensor> tensors) => tensors.MoveNext() ? tensors.Current : throw new InvalidOperationException("too few tensors");

    private static IEnumerable<object> Flatten(object? result) => result switch
    {
        null => [],
        Tensor or bool => [result],
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => Flatten(tuple[i])),
        IEnumerable list => list.Cast<object>().SelectMany(Flatten),
        _ => throw new NotSupportedException(result.GetType().Name),
    };
}
