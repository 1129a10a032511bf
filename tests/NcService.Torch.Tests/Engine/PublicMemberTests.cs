using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using TorchSharp;

namespace NcService.Torch.Tests;

/// <summary>
/// No public member that TorchSharp lacks. public-members.txt lists our binding's, with their parameters' names, order and defaults: here it must be
/// complete and true, and on TorchSharp (-p:TorchBackend=TorchSharp) every one of them must exist as it stands.
/// </summary>
public sealed partial class PublicMemberTests
{
    private const string ListName = "public-members.txt";
    private const string Update = "NCSERVICE_UPDATE_MEMBERS";

    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    public void Every_public_member_is_TorchSharps()
    {
        var here = Members(typeof(torch).Assembly).ToHashSet(StringComparer.Ordinal);
        if (!Departures.OnTorchSharp && Environment.GetEnvironmentVariable(Update) == "1")
        {
            var list = Path.Combine(SharedData.RepositoryRoot, "tests", "NcService.Torch.Tests", "Engine", ListName);
            File.WriteAllLines(list, here.Order(StringComparer.Ordinal));
            return;
        }

        var listed = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, ListName));
        var lacking = listed.Where(member => !here.Contains(member)).ToList();
        Assert.True(lacking.Count == 0, $"listed, but not there:\n{string.Join('\n', lacking)}");
        if (Departures.OnTorchSharp) return;
        var added = here.Except(listed, StringComparer.Ordinal).ToList();
        Assert.True(
            added.Count == 0,
            $"not in {ListName}:\n{string.Join('\n', added)}\nWhere TorchSharp has them too, run these tests once with {Update}=1 and then on TorchSharp.");
    }

    private static IEnumerable<string> Members(Assembly assembly)
    {
        foreach (var type in Types(assembly).Where(IsVisible))
        {
            if (type.IsEnum)
            {
                foreach (var name in Enum.GetNames(type))
                    yield return $"{Name(type)}.{name} = {Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture)}";
                continue;
            }

            yield return Name(type);
            foreach (var member in type.GetMembers(Declared))
            {
                if (member is FieldInfo { IsPublic: true } or FieldInfo { IsFamily: true })
                    yield return $"{Name(type)}.{member.Name}: {Name(((FieldInfo)member).FieldType)}";
                if (member is MethodBase { IsPublic: true } or MethodBase { IsFamily: true } or MethodBase { IsFamilyOrAssembly: true } && member.Name is not ("Finalize" or ".cctor"))
                    yield return Line(type, (MethodBase)member);
            }
        }
    }

    // Some of TorchSharp's types rest on packages that nothing here needs.
    private static IEnumerable<Type> Types(Assembly assembly)
    {
        try
        {
            return assembly.GetTypes();
        }
        catch (ReflectionTypeLoadException error)
        {
            return error.Types.OfType<Type>();
        }
    }

    private static bool IsVisible(Type type) => type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily) && IsVisible(type.DeclaringType!));

    private static string Line(Type type, MethodBase method)
    {
        var parameters = string.Join(", ", method.GetParameters().Select(parameter =>
            $"{(parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{Name(parameter.ParameterType)} {parameter.Name}{Default(parameter)}"));
        var result = method is MethodInfo { ReturnType: var returned } ? $": {Name(returned)}" : "";
        return $"{(method.IsStatic ? "static " : "")}{Name(type)}.{method.Name}({parameters}){result}";
    }

    private static string Default(ParameterInfo parameter) => !parameter.HasDefaultValue ? ""
        : string.Create(CultureInfo.InvariantCulture, $" = {parameter.RawDefaultValue ?? "null"}");

    private static string Name(Type type) => Prefix().Replace(type.ToString(), "");

    [GeneratedRegex(@"\b(System|TorchSharp)\.|\btorch\+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Prefix();
}
