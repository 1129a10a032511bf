using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>Reads and writes a CPU tensor's elements in place, in the order of its indices, whatever its strides.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private Tensor? _tensor;
    private readonly T* _data;
    private readonly long[] _shape;
    private readonly long[] _strides;
    private readonly bool _contiguous;
    private readonly long _count;

    internal TensorAccessor(Tensor tensor)
    {
        if (!tensor.is_cpu())
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
        _tensor = tensor;
        _shape = tensor.shape;
        _strides = tensor.stride();
        _contiguous = tensor.is_contiguous();
        _count = tensor.NumberOfElements;
        _data = (T*)tensor.DataPointer();
    }

    /// <summary>How many elements there are: none after <see cref="Dispose"/>.</summary>
    public long Count => _tensor is null ? 0 : _count;

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get
        {
            var element = Live()[Offset(indices)];
            GC.KeepAlive(this);
            return element;
        }

        set
        {
            Live()[Offset(indices)] = value;
            GC.KeepAlive(this);
        }
    }

    /// <summary>All elements, flat.</summary>
    public T[] ToArray()
    {
        var result = new T[Count];
        CopyTo(result);
        return result;
    }

    /// <summary>All elements, in an array with as many dimensions as the tensor (one for a scalar).</summary>
    public Array ToNDArray()
    {
        if (_shape.Length < 2) return ToArray();
        var result = Array.CreateInstance(typeof(T), _shape);
        ref var first = ref MemoryMarshal.GetArrayDataReference(result);
        CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref first), result.Length));
        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var target = array[Math.Min(arrayIndex, array.Length)..];
        var length = Length(target.Length, tensorIndex);
        var data = Live();
        if (_contiguous)
        {
            new ReadOnlySpan<T>(data + tensorIndex, length).CopyTo(target);
        }
        else
        {
            for (var i = 0; i < length; i++) target[i] = data[FlatOffset(tensorIndex + i)];
        }

        GC.KeepAlive(this);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var source = array[Math.Min(arrayIndex, array.Length)..];
        var length = Length(source.Length, tensorIndex);
        var data = Live();
        if (_contiguous)
        {
            source[..length].CopyTo(new Span<T>(data + tensorIndex, length));
        }
        else
        {
            for (var i = 0; i < length; i++) data[FlatOffset(tensorIndex + i)] = source[i];
        }

        GC.KeepAlive(this);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (var i = 0L; i < Count; i++) yield return ElementAt(i);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Ends the access; the tensor belongs to whoever made it and lives on.</summary>
    public void Dispose() => _tensor = null;

    /// <summary>Whether both have as many elements and the same ones, in order.</summary>
    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) => left.Equals(right);

    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !left.Equals(right);

    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && Count == other.Count && this.SequenceEqual(other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

    internal static T ReadItemAt(Tensor tensor, long index)
    {
        tensor.ValidateType(typeof(T));
        return new TensorAccessor<T>(tensor).ElementAt(index);
    }

    private T ElementAt(long index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        var element = Live()[_contiguous ? index : FlatOffset(index)];
        GC.KeepAlive(this);
        return element;
    }

    // Who reads through the pointer keeps this accessor, and so the tensor, from the finalizer until it is done.
    private T* Live()
    {
        ObjectDisposedException.ThrowIf(_tensor is null, this);
        _ = _tensor.Handle;
        return _data;
    }

    private int Length(int available, long tensorIndex)
    {
        if (tensorIndex < 0 || tensorIndex >= Math.Max(Count, 1)) throw new ArgumentOutOfRangeException(nameof(tensorIndex));
        return (int)Math.Min(available, Count - tensorIndex);
    }

    private long Offset(long[] indices)
    {
        if (indices.Length == 1)
        {
            if (indices[0] < 0 || indices[0] >= Count) throw new IndexOutOfRangeException();
            return _contiguous ? indices[0] : FlatOffset(indices[0]);
        }

        var offset = 0L;
        for (var i = 0; i < _shape.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= _shape[i]) throw new IndexOutOfRangeException($"{indices[i]} >= {_shape[i]} in dimension {i}.");
            offset += indices[i] * _strides[i];
        }

        return offset;
    }

    private long FlatOffset(long index)
    {
        var offset = 0L;
        for (var i = _shape.Length - 1; i >= 0; i--)
        {
            (index, var position) = Math.DivRem(index, _shape[i]);
            offset += position * _strides[i];
        }

        return offset;
    }
}
