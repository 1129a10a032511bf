using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NcService.Core.Collapse;

/// <summary>Sixteen embedding entries at a time, float32 or float64 in memory, float64 in registers.</summary>
internal static unsafe class FeatureElements
{
    /// <summary>Entries of one load.</summary>
    public const int Count = 16;

    /// <summary>Sixteen entries as two vectors, in order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Lower, Vector512<double> Upper) Load<T>(T* source)
        where T : unmanaged =>
        typeof(T) == typeof(double)
            ? (Vector512.Load((double*)source), Vector512.Load((double*)source + Vector512<double>.Count))
            : Vector512.Widen(Vector512.Load((float*)source));

    /// <summary>Stores sixteen entries, rounded to the type in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(T* target, Vector512<double> lower, Vector512<double> upper)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double))
        {
            lower.Store((double*)target);
            upper.Store((double*)target + Vector512<double>.Count);
        }
        else
        {
            Vector512.Narrow(lower, upper).Store((float*)target);
        }
    }

    /// <summary>One entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Get<T>(T* source)
        where T : unmanaged => typeof(T) == typeof(double) ? *(double*)source : *(float*)source;

    /// <summary>Stores one entry, rounded to the type in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set<T>(T* target, double value)
        where T : unmanaged
    {
        if (typeof(T) == typeof(double)) *(double*)target = value;
        else *(float*)target = (float)value;
    }
}
