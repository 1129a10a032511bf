using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace NcService.Torch.Interop;

/// <summary>Calls libtorch's operators by their names in its dispatcher, such as "aten::mm" or "aten::add.Tensor".</summary>
internal static unsafe class Operators
{
    private const int MostOnStack = 256;

    private static readonly ConcurrentDictionary<string, nint> s_found = new(StringComparer.Ordinal);

    /// <summary>Runs an operator whose result is one tensor.</summary>
    /// <exception cref="ExternalException">libtorch refuses: the operator, the shapes it was given and libtorch's reason.</exception>
    internal static Tensor Call(string name, params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(name, arguments, &result, 1);
        return new Tensor(result.Pointer);
    }

    /// <summary>Runs an operator for its effect on its arguments.</summary>
    internal static void Run(string name, params ReadOnlySpan<Argument> arguments) => Invoke(name, arguments, null, 0);

    internal static (Tensor First, Tensor Second) Call2(string name, params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[2];
        Invoke(name, arguments, results, 2);
        return (new Tensor(results[0].Pointer), new Tensor(results[1].Pointer));
    }

    internal static (Tensor First, Tensor Second, Tensor Third) Call3(string name, params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[3];
        Invoke(name, arguments, results, 3);
        return (new Tensor(results[0].Pointer), new Tensor(results[1].Pointer), new Tensor(results[2].Pointer));
    }

    internal static (Tensor First, Tensor Second, Tensor Third, Tensor Fourth) Call4(string name, params ReadOnlySpan<Argument> arguments)
    {
        var results = stackalloc NativeValue[4];
        Invoke(name, arguments, results, 4);
        return (new Tensor(results[0].Pointer), new Tensor(results[1].Pointer), new Tensor(results[2].Pointer), new Tensor(results[3].Pointer));
    }

    /// <summary>Runs an operator whose result is a list of tensors.</summary>
    internal static Tensor[] CallList(string name, params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(name, arguments, &result, 1);
        var handles = new ReadOnlySpan<nint>((void*)result.Pointer, result.Count);
        var tensors = new Tensor[handles.Length];
        for (var i = 0; i < tensors.Length; i++) tensors[i] = new Tensor(handles[i]);
        Bridge.nc_free_list(result.Pointer);
        return tensors;
    }

    /// <summary>Runs an operator whose result is a number or a truth value.</summary>
    internal static NativeValue CallValue(string name, params ReadOnlySpan<Argument> arguments)
    {
        NativeValue result;
        Invoke(name, arguments, &result, 1);
        return result;
    }

    private static void Invoke(string name, ReadOnlySpan<Argument> arguments, NativeValue* results, int capacity)
    {
        var op = Find(name);
        var values = stackalloc NativeValue[arguments.Length];
        var words = WordsNeeded(arguments);
        if (words <= MostOnStack)
        {
            var space = stackalloc long[words];
            Bridge.Check(Fill(op, arguments, values, space, results, capacity));
        }
        else
        {
            fixed (long* space = new long[words]) Bridge.Check(Fill(op, arguments, values, space, results, capacity));
        }
    }

    private static int Fill(nint op, ReadOnlySpan<Argument> arguments, NativeValue* values, long* space, NativeValue* results, int capacity)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            ref readonly var argument = ref arguments[i];
            values[i].Kind = argument.Kind;
            if (argument.Kind is < ValueKind.IntegerList or > ValueKind.Text)
            {
                values[i].Integer = argument.Bits;
            }
            else
            {
                values[i].Pointer = (nint)space;
                values[i].Count = CopyList(argument, ref space);
            }
        }

        var status = Bridge.nc_call(op, values, arguments.Length, results, capacity);
        foreach (ref readonly var argument in arguments) GC.KeepAlive(argument.Reference);
        return status;
    }

    // Lists and texts are copied, to the stack where they are short: cheaper than pinning them.
    private static int CopyList(in Argument argument, ref long* space)
    {
        var words = space;
        switch (argument.Reference)
        {
            case long[] numbers:
                numbers.AsSpan().CopyTo(new Span<long>(words, numbers.Length));
                space += numbers.Length;
                return numbers.Length;
            case double[] numbers:
                numbers.AsSpan().CopyTo(new Span<double>(words, numbers.Length));
                space += numbers.Length;
                return numbers.Length;
            case Tensor?[] tensors:
                for (var i = 0; i < tensors.Length; i++) words[i] = tensors[i]?.Handle ?? 0;
                space += tensors.Length;
                return tensors.Length;
            default:
                var text = (string)argument.Reference!;
                var bytes = Encoding.UTF8.GetBytes(text, new Span<byte>(words, WordsOf(text) * sizeof(long)));
                space += WordsOf(text);
                return bytes;
        }
    }

    private static int WordsNeeded(ReadOnlySpan<Argument> arguments)
    {
        var words = 0;
        foreach (ref readonly var argument in arguments)
            words += argument.Kind == ValueKind.Text ? WordsOf((string)argument.Reference!) : argument.Kind is >= ValueKind.IntegerList and <= ValueKind.TensorList ? (int)argument.Bits : 0;
        return words;
    }

    private static int WordsOf(string text) => (Encoding.UTF8.GetMaxByteCount(text.Length) / sizeof(long)) + 1;

    private static nint Find(string name)
    {
        if (s_found.TryGetValue(name, out var op)) return op;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        op = Bridge.Check(dot < 0 ? Bridge.nc_operator(name, "") : Bridge.nc_operator(name[..dot], name[(dot + 1)..]));
        if (s_found.IsEmpty) FastBlas.WarnIfMissing();
        return s_found.GetOrAdd(name, op);
    }
}
