using NcService.Torch.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A tensor of libtorch. It owns one native reference, until disposed by hand, by a dispose scope or, as a backstop, by the finalizer.</summary>
    public partial class Tensor : IDisposable
    {
        private static long s_totalCount;
        private static long s_peakCount;

        internal nint handle;

        internal Tensor(nint handle, bool register = true)
        {
            this.handle = handle;
            if (handle == 0) return; // libtorch's undefined tensor: there is nothing to own
            var total = Interlocked.Increment(ref s_totalCount);
            if (total > Volatile.Read(ref s_peakCount)) Volatile.Write(ref s_peakCount, total);
            if (register) OwningDisposeScope = DisposeScopeManager.ThreadSingleton.RegisterOnCurrentDisposeScope(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>How many tensors of this process are alive.</summary>
        public static long TotalCount => Interlocked.Read(ref s_totalCount);

        /// <summary>The most tensors that were alive at once.</summary>
        public static long PeakCount => Interlocked.Read(ref s_peakCount);

        public string? name { get; set; }

        /// <summary>Whether the tensor has been disposed.</summary>
        public bool IsInvalid => handle == 0;

        /// <exception cref="ObjectDisposedException">The tensor has been disposed.</exception>
        public nint Handle
        {
            get
            {
                if (handle == 0) ThrowDisposed();
                return handle;
            }
        }

        internal DisposeScope? OwningDisposeScope { get; set; }

        /// <summary>Hands the tensor to the enclosing dispose scope.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes the tensor out of its dispose scope: it lives until it is disposed by hand.</summary>
        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveToOtherDisposeScope(other.OwningDisposeScope);

        public Tensor MoveToOtherDisposeScope(DisposeScope? other)
        {
            if (OwningDisposeScope is null) other?.Attach(this);
            else OwningDisposeScope.MoveToOther(other, this);
            return this;
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            var owned = Interlocked.Exchange(ref handle, 0);
            if (owned == 0) return;
            if (disposing)
            {
                DisposeScopeManager.ThreadSingleton.Disposing(this);
                OwningDisposeScope?.MarkAsDisposed(this);
            }

            Interlocked.Decrement(ref s_totalCount);
            Bridge.nc_release(owned);
        }

        /// <summary>Gives the native reference away, as to a <see cref="Modules.Parameter"/>; this object is dead afterwards.</summary>
        internal nint MoveHandle()
        {
            GC.SuppressFinalize(this);
            Interlocked.Decrement(ref s_totalCount);
            return Interlocked.Exchange(ref handle, 0);
        }

        private void ThrowDisposed() =>
            throw new ObjectDisposedException(name ?? nameof(Tensor), "The tensor has been disposed, by hand or by the dispose scope it was created in.");

        // For operators that change this tensor and return it.
        private Tensor InPlace(string op, params ReadOnlySpan<Argument> arguments)
        {
            Operators.Run(op, arguments);
            return this;
        }
    }
}
