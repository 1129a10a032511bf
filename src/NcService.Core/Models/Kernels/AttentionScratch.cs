using System.Runtime.InteropServices;

namespace NcService.Core.Models.Kernels;

/// <summary>Working memory of one head of one sequence, zeroed, aligned to vectors. Keys and values lie transposed, [head size, padded length].</summary>
internal sealed unsafe class AttentionScratch : IDisposable
{
    private void* _memory;

    public AttentionScratch(AttentionShape shape, bool withGradients)
    {
        var matrix = (long)shape.HeadSize * shape.PaddedLength;
        var row = (shape.HeadSize + 15) & ~15;
        var count = matrix * (withGradients ? 4 : 2) + 2L * shape.PaddedLength + 2L * row;
        _memory = NativeMemory.AlignedAlloc((nuint)(count * sizeof(float)), 64);
        NativeMemory.Clear(_memory, (nuint)(count * sizeof(float)));
        var next = (float*)_memory;
        Query = Take(ref next, row);
        OutputGradient = Take(ref next, row);
        Probabilities = Take(ref next, shape.PaddedLength);
        ScoreGradients = Take(ref next, shape.PaddedLength);
        Keys = Take(ref next, matrix);
        Values = Take(ref next, matrix);
        if (!withGradients) return;
        KeyGradients = Take(ref next, matrix);
        ValueGradients = Take(ref next, matrix);
    }

    public float* Query { get; }

    public float* OutputGradient { get; }

    public float* Probabilities { get; }

    public float* ScoreGradients { get; }

    public float* Keys { get; }

    public float* Values { get; }

    public float* KeyGradients { get; }

    public float* ValueGradients { get; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    private static float* Take(ref float* next, long count)
    {
        var start = next;
        next += count;
        return start;
    }
}
